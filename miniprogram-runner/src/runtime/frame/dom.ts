/** An element with class and children: the frame is made of these. */
export function make(tag: string, className: string, ...children: readonly (Node | string)[]): HTMLElement {
  const element = document.createElement(tag)
  if (className !== '') element.className = className
  element.append(...children)
  return element
}

/** An inline picture from path data on a 24 by 24 grid, drawn in the colour of the text around it. */
export function makeIcon(className: string, pathData: string, drawing: 'stroke' | 'fill' = 'stroke'): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('class', className)
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  path.setAttribute('d', pathData)
  path.setAttribute('fill', drawing === 'fill' ? 'currentColor' : 'none')
  if (drawing === 'stroke') {
    path.setAttribute('stroke', 'currentColor')
    path.setAttribute('stroke-width', '2')
    path.setAttribute('stroke-linecap', 'round')
    path.setAttribute('stroke-linejoin', 'round')
  }
  svg.append(path)
  return svg
}
