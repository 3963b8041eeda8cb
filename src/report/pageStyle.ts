/**
 * The page's one style sheet. Its hash is in the page's content security policy, so no other style can
 * take effect, wherever it came from; a test keeps the two together.
 */
export const PAGE_STYLE: string = `
:root{color-scheme:light dark;--ink:#1b1f24;--muted:#57606a;--ground:#f6f7f9;--card:#fff;--line:#d5dae0;--pass:#11632f;--pass-ground:#d9f2e0;--fail:#a0111c;--fail-ground:#fde0e0;--note:#fff6d6}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--muted:#a3adb8;--ground:#14171b;--card:#1e2329;--line:#3a424c;--pass:#7ee2a0;--pass-ground:#12381f;--fail:#ffa3a3;--fail-ground:#4a1418;--note:#3a3213}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main,header,footer{max-width:1000px;margin:0 auto;padding:0 20px}
header{padding-top:28px}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 6px;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:36px 0 12px}
h3{font-size:1rem;margin:0 0 8px}
p,li,dd,td{overflow-wrap:anywhere}
.lede{color:var(--muted);margin:0 0 18px}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px;margin:0 0 16px}
.verdict{font-size:1.15rem;font-weight:700;border-left:8px solid var(--muted)}
.verdict.pass{border-color:var(--pass);color:var(--pass)}
.verdict.fail{border-color:var(--fail);color:var(--fail)}
.badge{display:inline-block;font-weight:700;font-size:.8rem;padding:1px 8px;border-radius:6px}
.badge.pass{background:var(--pass-ground);color:var(--pass)}
.badge.fail{background:var(--fail-ground);color:var(--fail)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:0 0 16px}
.tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:10px 14px}
.tile b{display:block;font-size:1.4rem;line-height:1.3}
.tile span{color:var(--muted);font-size:.9rem}
.plain{list-style:none;margin:0;padding:0}
.plain li{margin:0 0 8px}
.plain li:last-child{margin:0}
.plain svg{margin-right:8px;vertical-align:-1px}
.note{background:var(--note)}
figure{margin:0 0 20px;background:#fff;border:1px solid var(--line);border-radius:10px;padding:8px;overflow:hidden}
figure svg{display:block;width:100%;height:auto}
figure .narrow{display:none}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:5px 10px;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
td{overflow-wrap:normal}
thead th{color:var(--muted);font-weight:600}
.n{text-align:right;white-space:nowrap}
details{background:var(--card);border:1px solid var(--line);border-radius:10px;margin:0 0 10px;padding:0 18px}
details>div{padding-bottom:14px}
summary{cursor:pointer;font-weight:600;padding:12px 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:6px 18px;margin:0}
dt{color:var(--muted)}
dd{margin:0}
code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}
footer{color:var(--muted);font-size:.85rem;padding-top:20px;padding-bottom:40px}
@media (max-width:640px){
main,header,footer{padding-left:12px;padding-right:12px}
figure{padding:2px}
.card,details{padding-left:12px;padding-right:12px}
th,td{padding-left:6px;padding-right:6px}
figure .wide{display:none}
figure .narrow{display:block}
dl{grid-template-columns:1fr;gap:0}
dd{margin-bottom:10px}
}
@media print{
:root{--ink:#000;--muted:#444;--ground:#fff;--card:#fff;--line:#bbb;--pass:#11632f;--pass-ground:#fff;--fail:#a0111c;--fail-ground:#fff;--note:#fff}
body{font-size:10.5pt}
main,header,footer{max-width:none;padding-left:0;padding-right:0}
figure .wide{display:block}
figure .narrow{display:none}
figure,.card,.tile,tr{break-inside:avoid}
h2{break-after:avoid}
.scroll{overflow:visible}
details::details-content{content-visibility:visible;display:block;block-size:auto}
summary{list-style:none}
}
`;

/** SHA-256 of {@link PAGE_STYLE} in base64, as a content security policy names it. */
export const PAGE_STYLE_SHA256: string = "c/ZvluB90xcguF4nOE5gLQdCHpyr4uFdg0+67Xyw97A=";
