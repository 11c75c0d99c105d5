// The messages of the open conversation, oldest first. All functions are pure: thread in, thread out.

export function newThread(conversationID) {
  return { conversationID, messages: [], nextReqMessageID: undefined, isCompleted: false, isLoading: false }
}

/** With the newest page of history. If it does not reach what is shown, there is a gap: then it replaces all before. */
export function withNewestPage(thread, page) {
  const shown = new Set(thread.messages.map(({ ID }) => ID))
  const isFirst = thread.nextReqMessageID === undefined
  if (isFirst) return pageRead(withMessages(thread, page.messageList), page)
  if (page.messageList.some(({ ID }) => shown.has(ID))) return withMessages(thread, page.messageList)
  const newest = page.messageList.at(-1)?.time ?? 0
  const arrivedMeanwhile = thread.messages.filter(({ time }) => time >= newest)
  return pageRead(withMessages({ ...thread, messages: [...page.messageList] }, arrivedMeanwhile), page)
}

/** With a page of history that ends where the thread begins. */
export function withOlderPage(thread, page) {
  const shown = new Set(thread.messages.map(({ ID }) => ID))
  const older = page.messageList.filter(({ ID }) => !shown.has(ID))
  return pageRead({ ...thread, messages: [...older, ...thread.messages] }, page)
}

function pageRead(thread, { nextReqMessageID, isCompleted }) {
  return { ...thread, nextReqMessageID, isCompleted }
}

/** With these messages changed where they are known, else added by their time. */
export function withMessages(thread, messages) {
  const all = [...thread.messages]
  for (const message of messages) {
    const index = all.findIndex(({ ID }) => ID === message.ID)
    if (index >= 0) all[index] = message
    else all.splice(placeOf(message, all), 0, message)
  }
  return { ...thread, messages: all }
}

/** After all of its second: within one second the order of arrival is the order. */
function placeOf(message, all) {
  let index = all.length
  while (index > 0 && all[index - 1].time > message.time) index--
  return index
}

export function withoutMessage(thread, id) {
  return { ...thread, messages: thread.messages.filter(({ ID }) => ID !== id) }
}
