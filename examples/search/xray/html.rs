//! An xray as a page: one file that needs no other, without a script. Every text of
//! the user's or of the index's goes through [`escaped`].

use super::{Seen, cells, depth_name, leaves, listed, row_name, rows};
use crate::Failure;
use crate::style;
use serde_json::Value;
use std::fmt::Write;
use wordhoard::search::{Depth, Explanation};

/// The width of a drawing, in its own units.
const WIDTH: f64 = 1000.0;

/// Up to so many blocks are drawn one by one; more are binned into so many cells.
const CELLS: usize = 200;

/// Text as HTML, without what is no text.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in style::plain(text).chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}

/// The page.
pub fn page(seen: &Seen) -> Result<String, Failure> {
    let query = escaped(&seen.query);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>xray: {query}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <header><p class=\"kicker\">wordhoard xray</p>\n<h1><code>{query}</code></h1>\n"
    );
    summary(&mut out, seen)?;
    out.push_str("</header>\n");
    terms(&mut out, seen)?;
    lists(&mut out, seen)?;
    hits(&mut out, seen)?;
    out.push_str("</main>\n</body>\n</html>\n");
    Ok(out)
}

fn summary(out: &mut String, seen: &Seen) -> Result<(), Failure> {
    let xray = &seen.xray;
    writeln!(out, "<dl class=\"figures\">")?;
    let mut figure =
        |value: String, name: &str| writeln!(out, "<div><dd>{value}</dd><dt>{name}</dt></div>");
    let of = |part, whole| {
        format!(
            "{} <small>of {}</small>",
            style::count(part),
            style::count(whole)
        )
    };
    figure(of(xray.decoded(), xray.blocks()), "blocks decoded")?;
    let scored = format!(
        "{} <small>for {} postings</small>",
        style::count(xray.scored()),
        style::count(xray.postings())
    );
    figure(scored, "scores")?;
    figure(style::count(xray.looked_up()), "look-ups")?;
    figure(style::count(xray.positions()), "positions read")?;
    if xray.sets().lists > 0 {
        figure(style::count(xray.sets().lists), "lists made into sets")?;
    }
    let windows = xray.windows();
    if windows.looked_at + windows.passed_over > 0 {
        let all = windows.looked_at + windows.passed_over;
        figure(of(windows.looked_at, all), "windows looked at")?;
    }
    writeln!(
        out,
        "</dl>\n<p class=\"note\">{}</p>",
        escaped(&listed(xray))
    )?;
    Ok(())
}

/// A cell of a table made of JSON.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => escaped(text),
        Value::Null => "–".to_owned(),
        Value::Number(number) if number.is_f64() => {
            format!("{:.3}", number.as_f64().unwrap_or_default())
        }
        Value::Number(number) => number
            .as_u64()
            .map_or_else(|| number.to_string(), style::count),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(" · "),
        other => escaped(&other.to_string()),
    }
}

fn terms(out: &mut String, seen: &Seen) -> Result<(), Failure> {
    if seen.terms.is_empty() {
        return Ok(());
    }
    out.push_str(
        "<section>\n<h2>Words become terms</h2>\n<div class=\"scroll\"><table>\n<thead><tr>\
         <th>token</th><th>term</th><th>field</th><th>analyzer</th><th class=\"n\">segment</th>\
         <th class=\"n\">documents</th><th class=\"n\">idf</th><th class=\"n\">blocks</th>\
         <th class=\"n\">10th · 100th · 1000th best score over</th></tr></thead>\n<tbody>\n",
    );
    for term in &seen.terms {
        let names = ["token", "term", "field", "analyzer"].map(|name| text(&term[name]));
        let [token, term_text, field, analyzer] = names;
        let head = format!(
            "<tr><td>{token}</td><td><b>{term_text}</b></td><td>{field}</td><td>{analyzer}</td>"
        );
        let segments = term["segments"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        if segments.is_empty() {
            writeln!(
                out,
                "{head}<td class=\"n\" colspan=\"5\">in no document</td></tr>"
            )?;
        }
        for segment in segments {
            out.push_str(&head);
            let blocks = segment["blocks"].as_u64().zip(segment["tail"].as_u64());
            let blocks = blocks.map_or(Value::Null, |(full, tail)| (full + tail).into());
            let [number, documents, idf, floors] =
                ["segment", "documents", "idf", "floors"].map(|name| text(&segment[name]));
            for cell in [number, documents, idf, text(&blocks), floors] {
                write!(out, "<td class=\"n\">{cell}</td>")?;
            }
            out.push_str("</tr>\n");
        }
    }
    out.push_str("</tbody>\n</table></div>\n</section>\n");
    Ok(())
}

const DEPTHS: [Depth; 6] = [
    Depth::Untouched,
    Depth::Ceiling,
    Depth::Impacts,
    Depth::InPlace,
    Depth::Documents,
    Depth::Frequencies,
];

fn lists(out: &mut String, seen: &Seen) -> Result<(), Failure> {
    let xray = &seen.xray;
    out.push_str("<section>\n<h2>How deep each block was looked into</h2>\n<ul class=\"legend\">");
    for depth in DEPTHS {
        let name = depth_name(depth);
        write!(out, "<li><i class=\"d{}\"></i>{name}</li>", depth as usize)?;
    }
    out.push_str("</ul>\n<div class=\"lists\">\n");
    for row in rows(xray) {
        let name = escaped(&row_name(&row, xray));
        let depths = row.depths();
        writeln!(
            out,
            "<div class=\"name\" title=\"{name}\">{name}</div>\n<svg class=\"strip\" viewBox=\"0 0 {WIDTH} 24\" \
             preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{name}: {} of {} blocks decoded\">",
            depths.decoded(),
            depths.blocks()
        )?;
        strip(out, &row, xray.documents())?;
        writeln!(
            out,
            "</svg>\n<div class=\"sum\"><b>{}</b> of {} decoded</div>",
            style::count(depths.decoded()),
            style::count(depths.blocks())
        )?;
    }
    threshold(out, seen)?;
    out.push_str("</div>\n</section>\n");
    Ok(())
}

/// A row of blocks over the documents of the snapshot, or of cells where they
/// are many: in each a column for every depth, as high as its share.
fn strip(out: &mut String, row: &super::Row, documents: u32) -> Result<(), Failure> {
    let unit = WIDTH / f64::from(documents.max(1));
    let count: usize = row.lists.iter().map(|list| list.blocks().len()).sum();
    if count <= CELLS {
        for (range, depth) in row.lists.iter().flat_map(|list| list.blocks()) {
            let (first, last) = (*range.start(), *range.end());
            let x = f64::from(first) * unit;
            // A hair of ground between neighbours.
            let width = (f64::from(last - first) + 1.0) * unit;
            let width = if width > 4.0 { width - 1.0 } else { width };
            writeln!(
                out,
                "<rect class=\"d{}\" x=\"{x:.2}\" y=\"0\" width=\"{width:.2}\" height=\"24\">\
                 <title>documents {first} to {last}: {}</title></rect>",
                depth as usize,
                depth_name(depth)
            )?;
        }
        return Ok(());
    }
    let width = WIDTH / CELLS as f64;
    for (number, cell) in cells(row, documents, CELLS).iter().enumerate() {
        let sum: f64 = cell.iter().sum();
        if sum <= 0.0 {
            continue;
        }
        let mut top = 24.0;
        for depth in DEPTHS.into_iter().rev() {
            let share = cell[depth as usize] / sum;
            if share > 0.0 {
                let height = 24.0 * share;
                top -= height;
                writeln!(
                    out,
                    "<rect class=\"d{}\" x=\"{:.2}\" y=\"{top:.2}\" width=\"{width:.2}\" height=\"{height:.2}\">\
                     <title>{:.0} % {}</title></rect>",
                    depth as usize,
                    number as f64 * width,
                    share * 100.0,
                    depth_name(depth)
                )?;
            }
        }
    }
    Ok(())
}

/// The threshold as a curve of steps, over the same documents as the lists.
fn threshold(out: &mut String, seen: &Seen) -> Result<(), Failure> {
    let xray = &seen.xray;
    let highest = xray.highest_threshold();
    if xray.thresholds().is_empty() {
        out.push_str("<div class=\"name\">threshold</div><p class=\"note\">None: fewer hits than wanted, or every match was looked at.</p><div></div>\n");
        return Ok(());
    }
    let documents = xray.documents().max(1);
    let x = |document: u32| f64::from(document) / f64::from(documents) * WIDTH;
    let y = |threshold: f32| 100.0 - f64::from(threshold / highest.max(f32::MIN_POSITIVE)) * 92.0;
    let mut line = String::from("M0 100");
    for &(document, threshold) in xray.thresholds() {
        write!(line, "H{:.2}V{:.2}", x(document), y(threshold))?;
    }
    write!(line, "H{WIDTH}")?;
    writeln!(
        out,
        "<div class=\"name\">threshold</div>\n<svg class=\"curve\" viewBox=\"0 0 {WIDTH} 100\" \
         preserveAspectRatio=\"none\" role=\"img\" aria-label=\"the threshold rises to {highest}\">\
         <path class=\"area\" d=\"{line}V100Z\"/><path class=\"line\" d=\"{line}\"/></svg>\n\
         <div class=\"sum\">up to <b>{highest:.4}</b><br>in {}</div>\n\
         <div></div><div class=\"axis\"><span>document 0</span><span>{}</span></div><div></div>",
        style::counted(xray.thresholds().len() as u64, "step"),
        style::count(u64::from(xray.documents()))
    )?;
    Ok(())
}

fn hits(out: &mut String, seen: &Seen) -> Result<(), Failure> {
    out.push_str("<section>\n<h2>Each score taken apart</h2>\n");
    if seen.hits.is_empty() {
        out.push_str("<p class=\"note\">Nothing was found.</p>\n</section>\n");
        return Ok(());
    }
    let best = seen.hits.iter().map(|hit| hit.score).fold(0.0, f32::max);
    out.push_str(
        "<div class=\"scroll\"><table class=\"hits\">\n<thead><tr><th class=\"n\">#</th><th>document</th>\
         <th class=\"n\">score</th><th>made of</th></tr></thead>\n<tbody>\n",
    );
    for (number, hit) in seen.hits.iter().enumerate() {
        write!(
            out,
            "<tr><td class=\"n\">{}</td><td>{}</td><td class=\"n\"><b>{:.4}</b></td><td><div class=\"bar\">",
            number + 1,
            escaped(&hit.name),
            hit.score
        )?;
        let parts = leaves(&hit.explanation);
        for (place, part) in parts.iter().enumerate() {
            let width = (part.value() / best.max(f32::MIN_POSITIVE) * 100.0).clamp(0.0, 100.0);
            write!(
                out,
                "<i class=\"c{}\" style=\"width:{width:.2}%\"></i>",
                place % 6
            )?;
        }
        out.push_str("</div><ul class=\"parts\">");
        for (place, part) in parts.iter().enumerate() {
            write!(
                out,
                "<li><i class=\"c{}\"></i><b>{:.4}</b> {}</li>",
                place % 6,
                part.value(),
                escaped(part.text())
            )?;
        }
        out.push_str("</ul><details><summary>in full</summary><ul class=\"tree\">");
        tree(out, &hit.explanation)?;
        out.push_str("</ul></details></td></tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n</section>\n");
    Ok(())
}

/// As deep as the query is, which has a limit.
fn tree(out: &mut String, explanation: &Explanation) -> Result<(), Failure> {
    let (value, text) = (explanation.value(), escaped(explanation.text()));
    write!(out, "<li><b>{value}</b> {text}")?;
    if !explanation.details().is_empty() {
        out.push_str("<ul>");
        for detail in explanation.details() {
            tree(out, detail)?;
        }
        out.push_str("</ul>");
    }
    out.push_str("</li>");
    Ok(())
}

const STYLE: &str = "
:root { color-scheme: light dark; --ground: #fbfaf7; --card: #ffffff; --ink: #22211e; --faint: #6d6a62; --rule: #e4e0d6;
  --accent: #b4431f; --d0: #eceae4; --d1: #cfd8e3; --d2: #8ea9c8; --d3: #4fa39a; --d4: #e9a13b; --d5: #cf5127;
  --c0: #b4431f; --c1: #2f6f9f; --c2: #4f8f5b; --c3: #c08a1e; --c4: #7a5aa6; --c5: #5f6b73; }
@media (prefers-color-scheme: dark) { :root { --ground: #171614; --card: #201f1c; --ink: #ebe8e0; --faint: #9d988c; --rule: #37342e;
  --accent: #ef8b5e; --d0: #35322c; --d1: #3c4856; --d2: #587aa0; --d3: #3f9a90; --d4: #dc9a3a; --d5: #e8653a;
  --c0: #e8754a; --c1: #62a5d6; --c2: #77bb84; --c3: #dcae4d; --c4: #a98bd3; --c5: #95a2ab; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
.kicker { margin: 0; color: var(--accent); font-size: .8rem; font-weight: 600; letter-spacing: .12em; text-transform: uppercase; }
h1 { margin: .2rem 0 1.2rem; font-size: 1.7rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 0 0 .9rem; font-size: 1.05rem; }
code { font-family: ui-monospace, monospace; font-weight: 600; }
section { margin-top: 1.25rem; padding: 1.25rem; background: var(--card); border: 1px solid var(--rule); border-radius: 10px; }
.figures { display: flex; flex-wrap: wrap; gap: .75rem 2.25rem; margin: 0; }
.figures dd { margin: 0; font-size: 1.45rem; font-weight: 650; font-variant-numeric: tabular-nums; }
.figures dt, .figures small, .note, .sum, .axis { color: var(--faint); font-size: .85rem; font-weight: 400; }
.note { margin: .8rem 0 0; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { color: var(--faint); font-size: .8rem; font-weight: 500; text-align: left; }
th, td { padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
tbody tr:last-child td { border-bottom: 0; }
.n { text-align: right; white-space: nowrap; }
td.n:first-child, th.n:first-child { width: 1%; }
.legend, .parts { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; margin: 0; padding: 0; list-style: none; font-size: .85rem; }
.legend { margin-bottom: 1rem; }
.legend i, .parts i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; border-radius: 2px; vertical-align: -.05em; }
.lists { display: grid; grid-template-columns: minmax(5rem, 11rem) 1fr max-content; gap: .55rem .9rem; align-items: center; }
.name { overflow: hidden; font-weight: 600; text-overflow: ellipsis; white-space: nowrap; }
.strip { display: block; shape-rendering: crispEdges; width: 100%; height: 26px; border-radius: 3px; background: var(--ground); }
.curve { display: block; width: 100%; height: 110px; border-bottom: 1px solid var(--rule); }
.curve .area { fill: var(--accent); opacity: .14; }
.curve .line { fill: none; stroke: var(--accent); stroke-width: 2; vector-effect: non-scaling-stroke; }
.sum { min-width: 9rem; font-variant-numeric: tabular-nums; }
.sum b { color: var(--ink); }
.axis { display: flex; justify-content: space-between; }
.bar { display: flex; height: 12px; margin: .3rem 0 .35rem; overflow: hidden; border-radius: 3px; background: var(--d0); }
.hits td:last-child { width: 60%; }
summary { margin-top: .3rem; color: var(--faint); font-size: .85rem; cursor: pointer; }
.tree, .tree ul { margin: .2rem 0; padding-left: 1.1rem; font-size: .85rem; }
.d0 { fill: var(--d0); background: var(--d0); } .d1 { fill: var(--d1); background: var(--d1); }
.d2 { fill: var(--d2); background: var(--d2); } .d3 { fill: var(--d3); background: var(--d3); }
.d4 { fill: var(--d4); background: var(--d4); } .d5 { fill: var(--d5); background: var(--d5); }
.c0 { background: var(--c0); } .c1 { background: var(--c1); } .c2 { background: var(--c2); }
.c3 { background: var(--c3); } .c4 { background: var(--c4); } .c5 { background: var(--c5); }
@media (max-width: 40rem) { .lists { grid-template-columns: 1fr; } .sum { min-width: 0; } }
";
