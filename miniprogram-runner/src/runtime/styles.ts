import { SCOPE_MARK } from './app-bundle.ts'

/**
 * The program's style sheets: app.wxss always, a component's from its first use, a page's only while it is in front, so
 * that pages cannot leak into each other.
 */
export class StyleSheets {
  private readonly componentPlace: Comment
  private readonly app: HTMLStyleElement
  private readonly pages = new Map<
    string,
    { readonly element: HTMLStyleElement; readonly app: 'withApp' | 'withoutApp' }
  >()
  private readonly components = new Set<string>()

  constructor(appStyle: string) {
    this.componentPlace = document.createComment('components')
    this.app = makeStyle('app.wxss', appStyle)
    document.head.append(this.app, this.componentPlace)
  }

  /** `scope`: the component's class prefix; 'shared': its classes also reach the page, so they stand bare as well. */
  addComponent(path: string, style: string, scope: { readonly prefix: string; readonly isShared: boolean }): void {
    if (style === '' || this.components.has(path)) return
    this.components.add(path)
    const own = style.replaceAll(SCOPE_MARK, `${scope.prefix}--`).replaceAll('__host__', scope.prefix)
    const bare = scope.isShared ? `\n${style.replaceAll(SCOPE_MARK, '').replaceAll('__host__', scope.prefix)}` : ''
    this.componentPlace.before(makeStyle(`${path}.wxss`, own + bare))
  }

  /** 'withoutApp': an isolated page, which app.wxss does not reach. */
  addPage(path: string, style: string, app: 'withApp' | 'withoutApp'): void {
    if (this.pages.has(path)) return
    const element = makeStyle(`${path}.wxss`, style.replaceAll(SCOPE_MARK, '').replaceAll('__host__', path))
    this.pages.set(path, { element, app })
    document.head.append(element)
    element.disabled = true
  }

  showPage(path: string): void {
    this.app.disabled = this.pages.get(path)?.app === 'withoutApp'
    for (const [each, { element }] of this.pages) element.disabled = each !== path
  }
}

function makeStyle(name: string, css: string): HTMLStyleElement {
  const element = document.createElement('style')
  element.dataset['file'] = name
  element.textContent = css
  return element
}
