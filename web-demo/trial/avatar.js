import { h } from './dom.js'

const HUES = 8

/** The first letter of the name on a colour that stays with the user id. */
export function avatar(userID, name) {
  const [initial = '?'] = name || userID
  return h('span', { class: `avatar hue-${hueOf(userID)}`, 'aria-hidden': 'true' }, initial.toUpperCase())
}

function hueOf(userID) {
  let sum = 7
  for (const char of userID) sum = (sum * 31 + char.codePointAt(0)) % 9973
  return sum % HUES
}
