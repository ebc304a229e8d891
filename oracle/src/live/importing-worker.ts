// Runs in a browser, as a classic worker: imports a script, and tells what became of it.

declare function importScripts(url: string): void;

addEventListener("message", ({ data }: MessageEvent<string>) => {
  let errors = "none";
  try {
    importScripts(data);
  } catch (error) {
    errors = error instanceof Error && error.message.includes("thrown") ? "reported" : "muted";
  }
  // The script says so, and then throws.
  postMessage("hasRun" in globalThis ? { event: "load", errors } : { event: "error" });
});
