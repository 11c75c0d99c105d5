/** How the page looks: nothing is fetched, light and dark, and printable. */
export const STYLE = `
:root{color-scheme:light;--ground:#f5f6f8;--card:#fff;--ink:#1c2430;--soft:#5d6877;--line:#e3e7ec;--good:#157347;--good-ground:#e5f4ec;
--bad:#b42318;--bad-ground:#fdecea;--one:#2563b8;--two:#c2570c;--three:#7a4fb5;--band:#eef2f8;--bar:#86aee0}
html[data-theme=dark]{color-scheme:dark;--ground:#12161c;--card:#1b212a;--ink:#e6eaf0;--soft:#9aa6b5;--line:#2d3540;--good:#5fd39a;--good-ground:#15352a;
--bad:#ff9a8f;--bad-ground:#43201d;--one:#6fa8ee;--two:#f0a35e;--three:#b79aec;--band:#222a35;--bar:#4274b3}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",sans-serif}
html[data-lang=zh] [lang=en],html[data-lang=en] [lang=zh]{display:none}
main{max-width:1080px;margin:0 auto;padding:28px 20px 60px}
header{display:flex;gap:16px;align-items:flex-start;justify-content:space-between}
h1{font-size:26px;line-height:1.3;margin:0 0 4px}
h2{font-size:18px;margin:36px 0 12px}
p{margin:0 0 8px}
.soft{color:var(--soft)}
.small{font-size:13px}
.switches{display:flex;gap:8px;flex:none}
button{font:inherit;font-size:13px;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:8px;padding:5px 12px;cursor:pointer}
button:hover{border-color:var(--soft)}
button:focus-visible{outline:2px solid var(--one);outline-offset:2px}
.verdict{display:flex;gap:14px;align-items:center;border-radius:12px;padding:16px 20px;margin:20px 0;background:var(--good-ground)}
.verdict.bad{background:var(--bad-ground)}
.verdict svg{width:34px;height:34px;flex:none;color:var(--good)}
.verdict.bad svg{color:var(--bad)}
.verdict strong{font-size:18px}
.verdict ul{margin:4px 0 0;padding-left:18px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:14px 16px}
.card .number{display:block;font-size:25px;font-weight:650;line-height:1.25;font-variant-numeric:tabular-nums}
.card .label{color:var(--soft);font-size:13px}
.panel{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:16px 18px;margin-bottom:14px;min-width:0}
.panel h3{font-size:15px;margin:0 0 2px}
.panel svg{display:block;width:100%;height:auto;margin-top:8px}
.panel svg.course{min-width:560px}
.panel.figure{display:flex;flex-direction:column}.panel svg.spread{margin-top:auto;padding-top:8px}
.grid-2{display:grid;grid-template-columns:repeat(auto-fit,minmax(330px,1fr));gap:14px}
.grid-2 .panel{margin:0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:8px 10px;border-bottom:1px solid var(--line);vertical-align:top}
th{font-size:13px;font-weight:600;color:var(--soft)}
tr:last-child td{border-bottom:0}
td:first-child{white-space:nowrap}td.soft{min-width:180px}td:only-child,.names td:first-child{white-space:normal;overflow-wrap:anywhere}
td.number,th.number{text-align:right;white-space:nowrap}
td.zero{color:var(--good)}
td.fault{color:var(--bad);font-weight:650}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:13px;color:var(--soft)}
.legend i{display:inline-block;width:14px;height:3px;border-radius:2px;margin-right:6px;vertical-align:middle}
.i-one{background:var(--one)}.i-two{background:var(--two)}.i-three{background:var(--three)}
.tick,.mark-name{font-size:10.5px;fill:var(--soft)}
.mark-name{fill:var(--ink)}
.grid{stroke:var(--line);stroke-width:1}
.mark{stroke:var(--two);stroke-width:1.5;stroke-dasharray:3 3}
.band{fill:var(--band)}
.bar{fill:var(--bar)}
.hint{fill:transparent}
.hint:hover{fill:var(--soft);fill-opacity:.14}
.line{fill:none;stroke-width:2;stroke-linejoin:round}
.line.one{stroke:var(--one)}.line.two{stroke:var(--two)}.line.three{stroke:var(--three)}
.dot.one{fill:var(--one)}.dot.two{fill:var(--two)}.dot.three{fill:var(--three)}
.area{opacity:.14}.area.one{fill:var(--one)}.area.two{fill:var(--two)}.area.three{fill:var(--three)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;margin:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
@media(max-width:560px){header{flex-direction:column}main{padding:18px 14px 40px}h1{font-size:22px}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}}
@media print{.switches{display:none}body{background:#fff}.panel,.card{break-inside:avoid}}
`

/** Language and light are remembered where the browser lets a file remember. */
export const SCRIPT = `
const root=document.documentElement
const keep=(name,value)=>{root.dataset[name]=value;try{localStorage.setItem('loadtest-'+name,value)}catch{}}
const kept=(name)=>{try{return localStorage.getItem('loadtest-'+name)}catch{return null}}
keep('lang',kept('lang')??'zh')
keep('theme',kept('theme')??(matchMedia('(prefers-color-scheme: dark)').matches?'dark':'light'))
const setLang=()=>{root.lang=root.dataset.lang==='zh'?'zh-CN':'en'}
setLang()
document.getElementById('lang').onclick=()=>{keep('lang',root.dataset.lang==='zh'?'en':'zh');setLang()}
document.getElementById('theme').onclick=()=>keep('theme',root.dataset.theme==='dark'?'light':'dark')
`
