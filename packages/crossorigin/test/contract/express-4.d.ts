/** Express 4 under an alias has no types of its own; those of Express 5 cover what is used of it. */
declare module "express-4" {
  import express from "express";
  export default express;
}
