/** Who signs out or leaves is not signed in again by the `?user=` of the address. */
export function forgetAskedUser(): void {
  const url = new URL(location.href)
  if (!url.searchParams.has('user')) return
  url.searchParams.delete('user')
  history.replaceState(history.state, '', url)
}
