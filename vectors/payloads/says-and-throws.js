globalThis.hasRun = true;
throw new Error("thrown by the script");
