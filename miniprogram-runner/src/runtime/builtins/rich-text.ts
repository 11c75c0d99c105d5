import type { Builtin } from './define-builtin.ts'

/** Tags that WeChat's rich-text lets through. */
const TAGS = new Set(
  `a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del div dl dt em
  fieldset font footer h1 h2 h3 h4 h5 h6 header hr i img ins label legend li mark nav ol p pre q rt ruby s section small
  span strong sub sup table tbody td tfoot th thead tr tt u ul`.split(/\s+/),
)
const ATTRIBUTES = new Set([
  'class',
  'style',
  'alt',
  'src',
  'height',
  'width',
  'span',
  'colspan',
  'rowspan',
  'start',
  'type',
])

export const RICH_TEXT: Builtin = {
  tag: 'rich-text',
  isLeaf: true,
  properties: { nodes: [null, ''], space: [String, ''], userSelect: [Boolean, false], mode: [String, 'default'] },
  create: ({ dom, value, text, flag }) => ({
    changed: () => {
      const nodes = value('nodes')
      dom.classList.toggle('wx-keep-space', text('space') !== '')
      dom.classList.toggle('wx-selectable', flag('userSelect'))
      dom.replaceChildren(...(typeof nodes === 'string' ? fromHtml(nodes) : fromNodes(nodes)))
    },
  }),
}

/** The text is parsed inertly, and only what is listed is copied: no scripts, no handlers. */
function fromHtml(html: string): readonly Node[] {
  const parsed = new DOMParser().parseFromString(html, 'text/html')
  return [...parsed.body.childNodes].flatMap(copyListed)
}

function copyListed(node: Node): readonly Node[] {
  if (node instanceof Text) return [new Text(node.data)]
  if (!(node instanceof Element) || !TAGS.has(node.localName)) return []
  const copy = document.createElement(node.localName)
  for (const { name, value } of node.attributes) setListed(copy, name, value)
  copy.append(...[...node.childNodes].flatMap(copyListed))
  return [copy]
}

function fromNodes(nodes: unknown): readonly Node[] {
  if (!Array.isArray(nodes)) return []
  return nodes.flatMap((node: unknown): readonly Node[] => {
    if (typeof node !== 'object' || node === null) return []
    if (Reflect.get(node, 'type') === 'text') return [new Text(decoded(String(Reflect.get(node, 'text') ?? '')))]
    const name = String(Reflect.get(node, 'name') ?? '').toLowerCase()
    if (!TAGS.has(name)) return []
    const made = document.createElement(name)
    const attrs: unknown = Reflect.get(node, 'attrs')
    if (typeof attrs === 'object' && attrs !== null)
      for (const [key, value] of Object.entries(attrs)) setListed(made, key, String(value))
    made.append(...fromNodes(Reflect.get(node, 'children')))
    return [made]
  })
}

function setListed(element: HTMLElement, name: string, value: string): void {
  if (ATTRIBUTES.has(name) && !/^\s*javascript:/i.test(value)) element.setAttribute(name, value)
}

function decoded(text: string): string {
  return new DOMParser().parseFromString(text.replaceAll('<', '&lt;'), 'text/html').documentElement.textContent
}
