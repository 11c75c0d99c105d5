/** Whether an address stays on this machine: nothing else may be reached from a test. */
export function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  if (['data:', 'blob:', 'about:', 'chrome-error:'].includes(protocol)) return true
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}
