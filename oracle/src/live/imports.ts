/** Runs in a browser: `import()`, in a script of the page or in one that was loaded for it. */

import type { ElementStep } from "../scenario.ts";

/** What a classic script leaves behind, so that it is the script that imports. */
interface Importing {
  importFrom?: (url: string) => Promise<unknown>;
}

const IMPORT = "globalThis.importFrom = (url) => import(url);";

/** The module throws, which tells that it has run. */
export async function importModule({ src, importedBy, crossorigin }: ElementStep): Promise<object> {
  const script = document.createElement("script");
  if (crossorigin !== undefined) script.setAttribute("crossorigin", crossorigin);
  if (importedBy === undefined) {
    script.text = IMPORT;
    document.head.append(script);
  } else {
    const isLoaded = new Promise((resolve) => {
      for (const type of ["load", "error"]) script.addEventListener(type, resolve);
    });
    script.src = importedBy;
    document.head.append(script);
    await isLoaded;
  }
  script.remove();
  const { importFrom } = globalThis as Importing;
  if (importFrom === undefined) return { error: "no script" };
  try {
    await importFrom(src);
    return { event: "load" };
  } catch (error) {
    const hasRun = error instanceof Error && error.message.includes("thrown");
    return hasRun ? { event: "load", errors: "reported" } : { event: "error" };
  }
}
