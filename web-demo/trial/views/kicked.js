import { TYPES } from '../api.js'
import { h } from '../dom.js'
import { t } from '../i18n.js'

const WORDS = new Map([
  [TYPES.KICKED_OUT_USERSIG_EXPIRED, ['kickedExpiredTitle', 'kickedExpired']],
  [TYPES.KICKED_OUT_REST_API, ['kickedAdminTitle', 'kickedAdmin']],
])

/** Tells that the login was ended from outside, and why. */
export function createKickedDialog({ signIn, signOut }) {
  const title = h('h2', { id: 'kicked-title' })
  const text = h('p', {})
  let userID
  const element = h('dialog', { 'aria-labelledby': 'kicked-title', oncancel: (event) => event.preventDefault() }, [
    title,
    text,
    h('div', { class: 'buttons' }, [
      h('button', { type: 'button', onclick: () => signOut() }, t('otherAccount')),
      h(
        'button',
        { type: 'button', class: 'primary', autofocus: true, onclick: () => signIn(userID) },
        t('signInHere'),
      ),
    ]),
  ])

  return {
    element,
    render(state) {
      userID = state.userID
      const [titleKey, textKey] = WORDS.get(state.kicked) ?? ['kickedTitle', 'kicked']
      title.textContent = t(titleKey)
      text.textContent = t(textKey)
      if (state.kicked && !element.open) element.showModal()
      if (!state.kicked && element.open) element.close()
    },
  }
}
