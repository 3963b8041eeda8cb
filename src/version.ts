/** The version of this tool, stamped on every result. A test holds it equal to package.json's. */
export const VERSION: string = "0.1.0";
