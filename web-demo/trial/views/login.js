import { DEMO_USERS } from '../demo-users.js'
import { h } from '../dom.js'
import { t } from '../i18n.js'
import { userCard } from './user-card.js'

/** The card on which a demo user is chosen or any user id typed. */
export function createLoginView({ signIn, switchLanguage }) {
  const field = h('input', {
    id: 'login-user',
    name: 'userID',
    type: 'text',
    placeholder: t('userIdExample'),
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    maxlength: 32,
    required: true,
    'aria-describedby': 'login-error',
  })
  const enter = h('button', { type: 'submit', class: 'primary' }, t('enter'))
  const error = h('p', { id: 'login-error', class: 'error', role: 'alert' })
  const cards = DEMO_USERS.map((user) => userCard(user, () => signIn(user.userID)))
  const form = h('form', { class: 'free-user', onsubmit: submit }, [
    h('label', { for: 'login-user' }, t('otherUser')),
    h('div', { class: 'field-row' }, field, enter),
  ])
  const element = h('div', { class: 'login' }, [
    h('button', { type: 'button', class: 'quiet language', onclick: switchLanguage }, t('language')),
    h('div', { class: 'login-card' }, [
      h('img', { src: 'goose.svg', alt: '', class: 'logo', width: 64, height: 64 }),
      h('h1', {}, t('name')),
      h('p', { class: 'tagline' }, t('tagline')),
      h('h2', { id: 'pick-user' }, t('pickUser')),
      h('ul', { class: 'user-cards', 'aria-labelledby': 'pick-user' }, cards),
      form,
      error,
      h('p', { class: 'hint' }, t('twoWindows')),
    ]),
    h('p', { class: 'footnote' }, t('demoMode')),
  ])

  function submit(event) {
    event.preventDefault()
    const userID = field.value.trim()
    if (userID) signIn(userID)
  }

  return {
    element,
    render({ phase, loginError }) {
      const isBusy = phase === 'signing-in'
      element.hidden = phase === 'ready'
      element.setAttribute('aria-busy', String(isBusy))
      for (const button of element.querySelectorAll('.user-card, .primary')) button.disabled = isBusy
      enter.textContent = isBusy ? t('entering') : t('enter')
      error.textContent = loginError ?? ''
    },
  }
}
