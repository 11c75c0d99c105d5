import { chat, groups } from '../../im/chat'
import { me } from '../../im/session'
import { words } from '../../text/words'

/** Something of the user's, or of a class, that is one text. */
export interface Editable {
  readonly title: string
  readonly isLong: boolean
  readonly mostCharacters: number
  /** What is there before the user has said anything. */
  readonly hint: string
  read(): Promise<string>
  write(text: string): Promise<unknown>
}

export type What = 'notice' | 'card' | 'nick' | 'signature' | 'className'

/** By its name in the address. */
export function editableOf(what: What, groupID: string): Editable {
  const { edit, class: t } = words()
  const group = groups.get().find((one) => one.groupID === groupID)
  switch (what) {
    case 'notice':
      return {
        ...{ title: edit.notice, isLong: true, mostCharacters: 100, hint: t.noNotice },
        read: async () => group?.notification ?? '',
        write: (notification) => chat().updateGroupProfile({ groupID, notification }),
      }
    case 'className':
      return {
        ...{ title: edit.className, isLong: false, mostCharacters: 30, hint: '' },
        read: async () => group?.name ?? '',
        write: (name) => chat().updateGroupProfile({ groupID, name }),
      }
    case 'card':
      return {
        ...{ title: edit.card, isLong: false, mostCharacters: 16, hint: t.noCard },
        read: async () => group?.selfInfo.nameCard ?? '',
        write: (nameCard) => chat().setGroupMemberNameCard({ groupID, userID: me(), nameCard }),
      }
    case 'signature':
      return {
        ...{ title: edit.signature, isLong: true, mostCharacters: 60, hint: '' },
        read: async () => (await chat().getMyProfile()).data.selfSignature,
        write: (selfSignature) => chat().updateMyProfile({ selfSignature }),
      }
    case 'nick':
      return {
        ...{ title: edit.nick, isLong: false, mostCharacters: 20, hint: '' },
        read: async () => (await chat().getMyProfile()).data.nick,
        write: (nick) => chat().updateMyProfile({ nick }),
      }
  }
}
