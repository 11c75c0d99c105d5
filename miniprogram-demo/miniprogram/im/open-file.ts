import { words } from '../text/words'
import { tell } from './tell'

/** Fetches a file and shows it in WeChat's own reader. */
export async function openFile(url: string, name: string): Promise<void> {
  void wx.showLoading({ title: words().chat.fileOpening })
  try {
    const { tempFilePath, statusCode } = await download(url)
    if (statusCode !== 200) throw new Error(`status ${statusCode}`)
    const [, ending] = /\.(\w{1,5})$/.exec(name) ?? []
    await wx.openDocument({ filePath: tempFilePath, showMenu: true, ...typeOf(ending) })
    void wx.hideLoading()
  } catch {
    void wx.hideLoading()
    tell(words().chat.fileFailed)
  }
}

type DocumentType = NonNullable<WechatMiniprogram.OpenDocumentOption['fileType']>
const READABLE: readonly DocumentType[] = ['doc', 'docx', 'xls', 'xlsx', 'ppt', 'pptx', 'pdf']

/** The address has no ending from which WeChat could tell. */
function typeOf(ending: string | undefined): { readonly fileType?: DocumentType } {
  const fileType = READABLE.find((type) => type === ending?.toLowerCase())
  return fileType === undefined ? {} : { fileType }
}

function download(url: string): Promise<WechatMiniprogram.DownloadFileSuccessCallbackResult> {
  return new Promise((resolve, reject) => {
    wx.downloadFile({ url, timeout: 120_000, success: resolve, fail: reject })
  })
}
