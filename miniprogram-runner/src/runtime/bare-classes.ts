/** Carries an element's classes as the program wrote them: tests find `.bubble` by `[wx-class~="bubble"]`. */
const ATTRIBUTE = 'wx-class'

/** Keeps the attribute at the element's classes, freed of the prefix that a component's scope puts before them. */
export function trackBareClasses(element: HTMLElement, scopes: ReadonlySet<string>): void {
  const list = element.classList
  const [add, remove] = [list.add.bind(list), list.remove.bind(list)]
  const note = (): void => {
    element.setAttribute(ATTRIBUTE, [...new Set([...list].map((name) => withoutScope(name, scopes)))].join(' '))
  }
  list.add = (...names) => {
    add(...names)
    note()
  }
  list.remove = (...names) => {
    remove(...names)
    note()
  }
}

/** `components-card-card--title` → `title`; `t-button--large` is a class of its own. */
function withoutScope(name: string, scopes: ReadonlySet<string>): string {
  const end = name.indexOf('--')
  return end > 0 && scopes.has(name.slice(0, end)) ? name.slice(end + 2) : name
}
