export interface PageUrl {
  /** Without leading slash. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly hasQuery: boolean
}

/** Reads `../chat/chat?id=1` as WeChat does: relative to the current route, values not decoded. */
export function parsePageUrl(url: string, currentRoute: string): PageUrl {
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const search = mark < 0 ? '' : url.slice(mark + 1)
  return { path: joinPath(directoryOf(currentRoute), path), query: parseQuery(search), hasQuery: search !== '' }
}

export function parseQuery(search: string): Readonly<Record<string, string>> {
  const query: Record<string, string> = {}
  for (const pair of search.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    query[equals < 0 ? pair : pair.slice(0, equals)] = equals < 0 ? '' : pair.slice(equals + 1)
  }
  return query
}

export function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

/** Joins with `.` and `..` taken away; a path with a leading slash starts at the program's root. */
export function joinPath(directory: string, path: string): string {
  const parts: string[] = path.startsWith('/') ? [] : directory.split('/').filter((part) => part !== '')
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') parts.pop()
    else parts.push(part)
  }
  return parts.join('/')
}
