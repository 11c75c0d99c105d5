import type { Timed } from '../measure/meter.ts'
import type { Words } from '../plan/scenario.ts'
import type { Reason } from './report.ts'

/** What is timed, as the page calls it, and what that means to a person. */
export const TIMED_WORDS: Readonly<Record<Timed, { readonly name: Words; readonly means: Words }>> = {
  connect: {
    name: { zh: '建立连接', en: 'Connect' },
    means: { zh: '从拨号到 WebSocket 建立', en: 'from the dial to the open WebSocket' },
  },
  login: {
    name: { zh: '登录', en: 'Login' },
    means: { zh: '从应当上线到会话列表就绪', en: 'from when a client was to come until its list is there' },
  },
  resume: {
    name: { zh: '断线重连', en: 'Back after a loss' },
    means: { zh: '从网络恢复到补齐全部消息', en: 'from the return of the network until nothing is missing' },
  },
  acknowledged: {
    name: { zh: '发送成功', en: 'Stored' },
    means: { zh: '从应当发出到服务器确认', en: 'from when it was to be sent until the server said so' },
  },
  delivered: {
    name: { zh: '消息送达', en: 'Arrived' },
    means: { zh: '从应当发出到每位在线成员收到', en: 'from when it was to be sent until each other client had it' },
  },
  heard: {
    name: { zh: '直播间听到', en: 'Heard in a live room' },
    means: { zh: '从应当发出到房间里每位听众收到', en: 'from when it was to be said until each listener had it' },
  },
  read: {
    name: { zh: '标记已读', en: 'Marked as read' },
    means: { zh: '从应当标记到服务器确认', en: 'from when it was due until the server said so' },
  },
  receipt: {
    name: { zh: '已读回执', en: 'Receipt' },
    means: { zh: '从应当回执到服务器确认', en: 'from when it was due until the server said so' },
  },
  history: {
    name: { zh: '翻一页历史', en: 'A page of history' },
    means: { zh: '从翻页到这一页(20 条)到手', en: 'from the wish until the page of 20 is there' },
  },
  join: {
    name: { zh: '进入直播间', en: 'Came into a live room' },
    means: { zh: '从应当进入到已在房间', en: 'from when it was due until the client was in' },
  },
  upload: {
    name: { zh: '上传文件', en: 'Upload' },
    means: { zh: '从应当发送到文件存好', en: 'from when it was due until the file was kept' },
  },
  download: {
    name: { zh: '打开文件', en: 'Download' },
    means: { zh: '从点开到文件到手', en: 'from when it was due until the file was there' },
  },
  late: {
    name: { zh: '压测机自身延误', en: 'The load generator’s own lateness' },
    means: {
      zh: '压测程序比计划晚了多少;大则其他数字偏高',
      en: 'behind the plan; when large, all other figures are too high',
    },
  },
}

/** Why a run is not good. */
export const REASON_WORDS: Readonly<Record<Reason['what'], Words>> = {
  lost: { zh: '已确认的消息没有送到', en: 'acknowledged messages did not arrive' },
  doubled: { zh: '消息重复', en: 'came twice' },
  reordered: { zh: '消息乱序', en: 'came out of order' },
  diverged: { zh: '不同成员看到的内容不一致', en: 'places at which members saw different things' },
  gaps: { zh: '推送中断,客户端自行补拉', en: 'pushes that were left out; the clients had to ask' },
  unknown: { zh: '发送后始终没有答复', en: 'sends never answered' },
  unchecked: { zh: '超出账本上限,未能核对', en: 'entries beyond the bound of the books, not compared' },
  refused: { zh: '请求被拒绝', en: 'requests were refused' },
  receipts: { zh: '回执数目不符', en: 'messages with a wrong number of receipts' },
  downloads: { zh: '下载的文件大小不符', en: 'downloads of another size' },
  away: { zh: '客户端到最后也没能连上', en: 'clients could not come back' },
  behind: { zh: '会话到最后仍未追平', en: 'conversations were still behind in the end' },
  'sent away': { zh: '客户端被服务器踢下线', en: 'clients were sent away' },
  unanswered: { zh: '请求到最后仍无答复', en: 'requests still had no answer in the end' },
  nothing: { zh: '没有一个客户端登录成功,什么也没有证明', en: 'nobody logged in; nothing was proved' },
}

type LedgerName =
  'lost' | 'doubled' | 'reordered' | 'diverged' | 'gaps' | 'unknown' | 'unchecked' | 'missed' | 'wrongReceipts'

/** The lines of the ledger: what is counted, and how it would look to a parent. */
export const LEDGER_WORDS: Readonly<Record<LedgerName, { readonly name: Words; readonly means: Words }>> = {
  lost: {
    name: { zh: '丢失', en: 'Lost' },
    means: {
      zh: '发送者已看到“发送成功”,在线的收件人却没收到(按 消息×收件人 计)',
      en: 'the sender was told “sent”, a recipient who is there has nothing (message × recipient)',
    },
  },
  doubled: {
    name: { zh: '重复', en: 'Doubled' },
    means: { zh: '同一条消息出现两次', en: 'the same message twice' },
  },
  reordered: {
    name: { zh: '乱序', en: 'Out of order' },
    means: { zh: '后说的话排到了前面', en: 'what was said later stands before' },
  },
  diverged: {
    name: { zh: '不一致', en: 'Different' },
    means: { zh: '同一位置,两位成员看到不同内容', en: 'two members were shown different things in one place' },
  },
  gaps: {
    name: { zh: '推送缺口', en: 'Stepped over' },
    means: {
      zh: '连接未断而推送漏了一条,客户端自行补拉',
      en: 'left out by a live connection; the client had to ask for it',
    },
  },
  unknown: {
    name: { zh: '结果不明', en: 'Unknown' },
    means: { zh: '发送后始终没有答复,可能已存也可能未存', en: 'never answered: stored or not' },
  },
  unchecked: {
    name: { zh: '未核对', en: 'Not compared' },
    means: { zh: '超出账本的内存上限', en: 'beyond the bound of the books' },
  },
  wrongReceipts: {
    name: { zh: '回执不符', en: 'Wrong receipts' },
    means: {
      zh: '作者看到的已读人数与实际回执数不同',
      en: 'the author is told of another number of readers than sent receipts',
    },
  },
  missed: {
    name: { zh: '直播间未听到', en: 'Missed in live rooms' },
    means: { zh: '直播间消息不存储,允许丢失;单独统计', en: 'not stored, loss is allowed; counted apart' },
  },
}
