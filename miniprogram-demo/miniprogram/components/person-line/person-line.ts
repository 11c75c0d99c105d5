import type { PersonRow } from '../../views/contacts'

const NOBODY: PersonRow = { id: '', name: '', hint: '', face: { url: '', letters: '', tone: 0 } }

/** Somebody in a list. */
Component({
  properties: {
    row: { type: Object, value: NOBODY },
  },
})
