globalThis.importFrom = (url) => import(url);
