const PATHS = {
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6L6 18',
  down: 'M12 5v14M6 13l6 6 6-6',
  face: 'M12 3a9 9 0 100 18 9 9 0 000-18zM8.5 14.5c1.8 2.4 5.2 2.4 7 0M9 9.6v.1M15 9.6v.1',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  out: 'M14 4h5v16h-5M11 8l-4 4 4 4M7 12h9',
  pin: 'M9 4h6l-1 6 4 4H6l4-4-1-6zM12 14v6',
  place: 'M12 21c-4.6-4.7-7-8.2-7-11a7 7 0 0114 0c0 2.8-2.4 6.3-7 11zM12 12.5a2.5 2.5 0 100-5 2.5 2.5 0 000 5z',
  search: 'M10.5 4a6.5 6.5 0 100 13 6.5 6.5 0 000-13zM15.5 15.5L20 20',
  send: 'M4 12l16-8-6 16-3-6-7-2z',
  warning: 'M12 4l9 16H3L12 4zM12 10v4M12 17v.01',
}
const SVG = 'http://www.w3.org/2000/svg'

/** A line icon in the text's colour; decoration only, the control around it carries the name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg')
  for (const [key, value] of [
    ['viewBox', '0 0 24 24'],
    ['class', `icon icon-${name}`],
    ['aria-hidden', 'true'],
  ]) {
    svg.setAttribute(key, value)
  }
  const path = document.createElementNS(SVG, 'path')
  path.setAttribute('d', PATHS[name])
  svg.append(path)
  return svg
}
