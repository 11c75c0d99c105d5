import { h } from '../dom.js'
import { t } from '../i18n.js'

const FIND_TIMEOUT_MS = 10_000

/** Asks for a place and sends it. */
export function createPlaceDialog({ sendLocation, toast }) {
  const description = h('input', { name: 'description', required: true, maxlength: 60, placeholder: t('placeExample') })
  const latitude = numberField('latitude', 90)
  const longitude = numberField('longitude', 180)
  const find = h('button', { type: 'button', class: 'link', onclick: findMe }, t('useMyPlace'))
  const form = h('form', { method: 'dialog', onsubmit: submit }, [
    h('h2', { id: 'place-title' }, t('sendPlace')),
    h('label', {}, t('placeName'), description),
    h('div', { class: 'two' }, h('label', {}, t('latitude'), latitude), h('label', {}, t('longitude'), longitude)),
    find,
    h('div', { class: 'buttons' }, [
      h('button', { type: 'button', onclick: () => element.close() }, t('cancel')),
      h('button', { type: 'submit', class: 'primary' }, t('send')),
    ]),
  ])
  const element = h('dialog', { 'aria-labelledby': 'place-title' }, form)
  find.hidden = !('geolocation' in navigator)

  function findMe() {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        latitude.value = coords.latitude.toFixed(6)
        longitude.value = coords.longitude.toFixed(6)
      },
      () => toast(t('noPlace')),
      { timeout: FIND_TIMEOUT_MS },
    )
  }

  function submit(event) {
    event.preventDefault()
    element.close()
    sendLocation({
      description: description.value.trim(),
      latitude: latitude.valueAsNumber,
      longitude: longitude.valueAsNumber,
    })
  }

  return {
    element,
    open() {
      form.reset()
      element.showModal()
    },
  }
}

function numberField(name, limit) {
  return h('input', { name, type: 'number', step: 'any', min: -limit, max: limit, required: true })
}
