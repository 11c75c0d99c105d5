import { words } from '../../text/words'
import type { PersonRow } from '../../views/contacts'
import type { Told, Touch } from '../../im/events'

/** The members of a class, to mention one of them. */
Component({
  properties: {
    isOpen: Boolean,
    people: { type: Array, value: [] as readonly PersonRow[] },
  },
  data: { title: '', search: '', shown: [] as readonly PersonRow[] },
  observers: {
    'people, isOpen'(people: readonly PersonRow[], isOpen: boolean) {
      if (isOpen) this.setData({ title: words().chat.mention, search: words().members.search, shown: people })
    },
  },
  methods: {
    onSearch({ detail }: Told<{ text: string }>) {
      const people: readonly PersonRow[] = this.data.people
      this.setData({ shown: people.filter(({ name }) => name.includes(detail.text)) })
    },
    onPick({ currentTarget }: Touch<{ id: string }>) {
      this.triggerEvent('pick', { userID: currentTarget.dataset.id })
    },
    onVisible({ detail }: Told<{ visible: boolean }>) {
      if (!detail.visible) this.triggerEvent('close')
    },
    onClose() {
      this.triggerEvent('close')
    },
  },
})
