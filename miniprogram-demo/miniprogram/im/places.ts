/** Where the pages are: every way from one to another goes through here. */

const go = (url: string): void => {
  void wx.navigateTo({ url })
}

const query = (key: string, value: string): string => `${key}=${encodeURIComponent(value)}`

export function openChatPage(conversationID: string): void {
  go(`/pages/chat/chat?${query('id', conversationID)}`)
}

export function openClassPage(groupID: string): void {
  go(`/pages/class/class?${query('id', groupID)}`)
}

export function openPersonPage(userID: string): void {
  go(`/pages/person/person?${query('id', userID)}`)
}

export function openMembersPage(groupID: string): void {
  go(`/pages/members/members?${query('id', groupID)}`)
}

export function openEditPage(what: 'notice' | 'card' | 'nick' | 'signature' | 'className', groupID = ''): void {
  go(`/pages/edit/edit?${query('what', what)}&${query('id', groupID)}`)
}

export function openReceiptsPage(messageID: string): void {
  go(`/pages/receipts/receipts?${query('id', messageID)}`)
}

/** What it shows is handed over under the same id. */
export function openMergedPage(id: string): void {
  go(`/pages/merged/merged?${query('id', id)}`)
}

export function openPickPage(messageID: string): void {
  go(`/pages/pick/pick?${query('id', messageID)}`)
}

export function openPlainPage(name: 'notices' | 'privacy' | 'about' | 'profile' | 'join'): void {
  go(`/pages/${name}/${name}`)
}

/** What a share card opens. */
export function joinPath(groupID: string): string {
  return `/pages/join/join?${query('id', groupID)}`
}

export function startAtConversations(): void {
  void wx.switchTab({ url: '/pages/conversations/conversations' })
}

/** A page in an address is not decoded by WeChat. */
export function decoded(value: string | undefined): string {
  return value === undefined ? '' : decodeURIComponent(value)
}
