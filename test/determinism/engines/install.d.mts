/** Where the engines are. */
export const enginesFolder: string;
/** Installs what is missing; false when npm could not. */
export function installEngines(): boolean;
