// oxlint-disable no-script-url -- that is what an attacker writes

/** Texts that run in a page that treats what users write as markup. All set `window.__xss`. */
export const HOSTILE_TEXTS: readonly string[] = [
  '<script>window.__xss=1</script>',
  '<img src=x onerror="window.__xss=1">',
  '<svg onload=window.__xss=1>',
  '<svg><script>window.__xss=1</script></svg>',
  '"><img src=x onerror=window.__xss=1>',
  "'><img src=x onerror=window.__xss=1>",
  '" onmouseover="window.__xss=1" x="',
  '</textarea><img src=x onerror=window.__xss=1>',
  '</title><img src=x onerror=window.__xss=1>',
  '<iframe srcdoc="<script>parent.__xss=1</script>"></iframe>',
  '<a href="javascript:window.__xss=1">点我</a>',
  'javascript:window.__xss=1',
  '<style>*{display:none}</style>',
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
  '&lt;img src=x onerror=window.__xss=1&gt;',
  '{{constructor.constructor("window.__xss=1")()}}',
  '${window.__xss=1}',
  '\u202Etxt.exe',
]

/** The same as user ids: at most 32 bytes, no spaces. */
export const HOSTILE_USER_IDS: readonly string[] = [
  '<script>__xss=1</script>',
  '<img/src=x/onerror=__xss=1>',
  '"><svg/onload=__xss=1>',
  "'onclick='__xss=1",
  'javascript:__xss=1',
  '{{__xss=1}}',
  '__proto__',
  'constructor',
  'C2Cp_1',
  '../../im/usersig?userID=a#%00&b',
]
