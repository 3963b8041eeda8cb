import { readFileSync } from "node:fs";

/**
 * The most memory this process has held, in MiB. Linux's VmHWM belongs to this program alone; the figure of
 * getrusage, used elsewhere, starts at what the process that launched it held.
 */
export function peakRssMiB() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1024;
  } catch {
    return process.resourceUsage().maxRSS / 1024;
  }
}
