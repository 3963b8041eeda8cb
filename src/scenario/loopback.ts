/** Which hosts are this machine and which are all of its addresses. */

/** True for a host that nobody else can reach. */
export function isLoopback(host: string): boolean {
  return (
    host === "::1" || host.toLowerCase() === "localhost" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
  );
}

/** True for a host that stands for every address of this machine. */
export function isEveryAddress(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** The host of a URL as a text, without brackets and port; empty for what is none. */
export function hostOfUrl(url: string): string {
  const [, authority = ""] = /^[a-z]+:\/\/([^/?#]*)/i.exec(url) ?? [];
  const [, inBrackets, plain = ""] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(authority) ?? [];
  return inBrackets ?? plain;
}
