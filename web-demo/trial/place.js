// The address says who is signed in and what is open: `?user=t_2001#C2Cp_1001`.

/** What the address says now. */
export function currentPlace() {
  const query = new URLSearchParams(location.search)
  return {
    userID: query.get('user') || undefined,
    language: query.get('lang') ?? undefined,
    conversationID: decode(location.hash.slice(1)) || undefined,
  }
}

function decode(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

/** Opens a conversation; undefined for none. */
export function goTo(conversationID) {
  location.hash = encodeURIComponent(conversationID ?? '')
}

export function followPlace(listener) {
  window.addEventListener('hashchange', listener)
}

/** Keeps the user for a reload; another user begins without an open conversation. */
export function rememberUser(userID) {
  const url = new URL(location.href)
  if (url.searchParams.get('user') === (userID ?? null)) return
  url.hash = ''
  if (userID === undefined) url.searchParams.delete('user')
  else url.searchParams.set('user', userID)
  history.replaceState(undefined, '', url)
}

/** The address at which another window signs in as this user. */
export function addressOf(userID) {
  return `?user=${encodeURIComponent(userID)}`
}
