//! The HTML page of an audit: complete in itself, small, and what it does in a real browser when it is clicked, searched and used
//! by keys. The browser is Chromium without a window; where there is none the test says that it is skipped, unless
//! `UNLITH_REQUIRE_OCAML=1`, as `tests/run` sets where it has installed one.

#![allow(clippy::print_stdout, reason = "says what is skipped")]

mod support;

use headless_chrome::protocol::cdp::Page::CaptureScreenshotFormatOption;
use headless_chrome::{Browser, LaunchOptions, Tab};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::scratch::Scratch;
use support::small::Dir;
use support::{ocaml, unlith};

/// The audit of the example workspace as a page, or why there is none.
fn page(dir: &Path) -> Result<PathBuf, String> {
    ocaml::compiler()?;
    let example = support::repository().join("corpus/weather_station");
    let file = dir.join("audit.html");
    let arguments = ["audit", ".", "--quiet", "--format", "html", "--output"].map(str::to_owned);
    unlith::run(&example, arguments.into_iter().chain([file.display().to_string()]))?;
    Ok(file)
}

/// The data of the programs in a page.
fn data(text: &str) -> Vec<Value> {
    let parts = text.split("<script type=\"application/json\" class=\"data\">").skip(1);
    let json = parts.map(|part| part.split("</script>").next().unwrap_or_default());
    json.map(|json| serde_json::from_str(json).expect("the data are JSON")).collect()
}

fn sum(values: &Value, number: impl Fn(&Value) -> f64) -> f64 {
    values.as_array().expect("a list").iter().map(number).sum()
}

#[test]
fn a_page_is_complete_in_itself_and_small() {
    let dir = Scratch::new("page-text").expect("a scratch directory");
    let file = match page(dir.path()) {
        Ok(file) => file,
        Err(reason) => return println!("skipped: {reason}"),
    };
    let text = std::fs::read_to_string(file).expect("a page");
    assert!(text.len() < 1_000_000, "{} bytes", text.len());
    // A name space is no address to fetch.
    let fetched = text.replace("http://www.w3.org/2000/svg", "");
    for outside in ["http:", "https:", "src=", "@import", "<link", "fetch(", "XMLHttpRequest"] {
        assert!(!fetched.contains(outside), "the page holds `{outside}`");
    }
    assert!(text.contains("default-src 'none'"), "a policy forbids the network");
    let programs = data(&text);
    assert!(programs.len() > 1, "the example has several programs");
    for program in &programs {
        for unit in program["units"].as_array().expect("units") {
            let name = &unit["name"];
            let (total, dead) = (unit["bytes"][6].as_f64(), unit["dead"].as_f64());
            let of =
                |live: u64| {
                    sum(&unit["pieces"], |piece| {
                        if piece[2] == live { piece[1].as_f64().unwrap_or(0.0) } else { 0.0 }
                    })
                };
            assert!((of(0) + of(1) - total.unwrap()).abs() <= 0.02 * total.unwrap() + 1.0, "{name}: pieces");
            assert!((of(0) - dead.unwrap()).abs() <= 0.02 * total.unwrap() + 1.0, "{name}: dead pieces");
        }
        let groups = sum(&program["groups"], |group| group["bytes"].as_f64().expect("bytes"));
        assert_eq!(groups, program["alloc"].as_f64().expect("bytes"), "libraries and C code are the whole");
    }
}

#[test]
fn a_page_of_some_two_hundred_units_is_below_a_megabyte() {
    let program = support::repository().join("tests/matrix/cohttp_lwt_unix_get.ml");
    let program = program.to_string_lossy().into_owned();
    let arguments = ["audit", &program, "-p", "cohttp-lwt-unix", "--quiet", "--format", "html"];
    let text = match unlith::run(&support::repository(), arguments) {
        Ok(text) => text,
        Err(reason) if ocaml::is_required() => panic!("{reason}"),
        Err(reason) => return println!("skipped: {reason}"),
    };
    let units = data(&text)[0]["units"].as_array().expect("units").len();
    assert!(units > 150, "{units} units");
    assert!(text.len() < 1_000_000, "{} bytes for {units} units", text.len());
}

#[test]
fn what_a_source_says_is_never_code_of_the_page() {
    let line = "let () = Lists.sum [1] (* </script><script>alert(1)</script><img onerror='x'> *)\n";
    let dir = Dir::new("page", &[("main.ml", line)]);
    let page = dir.run(&["audit", "main.ml", "-p", "lists", "--format", "html"]).expect(0).out.clone();
    assert!(page.contains("Lists.sum [1] (* \\u003c/script>"), "the line is shown");
    assert_eq!(page.matches("<script").count(), 2, "the data and the code");
    assert_eq!(page.matches("</script>").count(), 2);
    assert!(!page.contains("<img"));
}

/// A browser with the page open.
struct Shown {
    tab: Arc<Tab>,
    /// Kept: the browser ends with it.
    _browser: Browser,
}

impl Shown {
    fn open(file: &Path) -> Result<Self, String> {
        let path = ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .flat_map(|name| ["/usr/bin", "/usr/local/bin"].map(|dir| Path::new(dir).join(name)))
            .find(|path| path.exists())
            .ok_or("no Chromium here")?;
        let options = LaunchOptions {
            path: Some(path),
            // A sandbox inside of the test machine's own needs rights that a container does not give.
            sandbox: false,
            window_size: Some((1440, 1000)),
            idle_browser_timeout: Duration::from_secs(120),
            ..LaunchOptions::default()
        };
        let browser = Browser::new(options).map_err(|error| format!("Chromium does not start: {error}"))?;
        let tab = browser.new_tab().map_err(|error| format!("Chromium has no page: {error}"))?;
        tab.set_default_timeout(Duration::from_secs(30));
        tab.navigate_to(&format!("file://{}", file.display()))
            .and_then(|tab| tab.wait_until_navigated())
            .map_err(|error| format!("the page does not open: {error}"))?;
        Ok(Shown { tab, _browser: browser })
    }

    /// What an expression of the page's language gives.
    fn value(&self, expression: &str) -> Value {
        let json = format!("JSON.stringify({expression})");
        let found = self.tab.evaluate(&json, false).unwrap_or_else(|error| panic!("{expression}: {error}"));
        let text = found.value.as_ref().and_then(Value::as_str).unwrap_or("null");
        serde_json::from_str(text).expect("JSON")
    }
    fn text(&self, selector: &str) -> String {
        let value = self.value(&format!("document.querySelector({selector:?})?.innerText"));
        value.as_str().unwrap_or_default().to_owned()
    }
    fn number(&self, expression: &str) -> i64 {
        self.value(expression).as_f64().unwrap_or(-1.0) as i64
    }
    fn press(&self, key: &str) {
        self.tab.press_key(key).expect("a key can be pressed");
    }
    /// Waits until something holds: keys and clicks arrive when the browser gets to them.
    fn wait(&self, what: &str, expression: &str) {
        let start = Instant::now();
        while self.value(expression) != true {
            assert!(start.elapsed() < Duration::from_secs(10), "{what}: `{expression}` does not come true");
            std::thread::sleep(Duration::from_millis(30));
        }
    }
    /// Clicks in the middle of a unit on the map, where a person would, who moves the page to it first.
    fn click_unit(&self, name: &str, times: u32) {
        let middle = self.value(&format!(
            "(() => {{ const g = [...document.querySelectorAll('.unit')].find((g) => g.getAttribute('aria-label').startsWith('{name},'));
               g.scrollIntoView({{ block: 'center' }});
               const r = g.querySelector('.box').getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()"
        ));
        use headless_chrome::protocol::cdp::Input::{
            DispatchMouseEvent, DispatchMouseEventTypeOption as Kind, MouseButton,
        };
        let at = |i: usize| middle[i].as_f64().expect("a coordinate");
        for n in 1..=times {
            for kind in [Kind::MousePressed, Kind::MouseReleased] {
                let event = DispatchMouseEvent {
                    Type: kind,
                    x: at(0),
                    y: at(1),
                    button: Some(MouseButton::Left),
                    click_count: Some(n),
                    modifiers: None,
                    timestamp: None,
                    buttons: None,
                    force: None,
                    tangential_pressure: None,
                    tilt_x: None,
                    tilt_y: None,
                    twist: None,
                    delta_x: None,
                    delta_y: None,
                    pointer_Type: None,
                };
                self.tab.call_method(event).expect("the mouse works");
            }
        }
    }
    /// Keeps a picture of the page where `UNLITH_SCREENSHOTS` names a directory.
    fn picture(&self, name: &str) {
        let Some(dir) = std::env::var_os("UNLITH_SCREENSHOTS") else { return };
        let png = self.tab.capture_screenshot(CaptureScreenshotFormatOption::Png, None, None, true);
        std::fs::write(Path::new(&dir).join(name), png.expect("a picture")).expect("a writable directory");
    }
}

/// One test, because one browser serves all of it.
#[test]
fn a_page_is_clicked_searched_and_used_by_keys() {
    let dir = Scratch::new("page-browser").expect("a scratch directory");
    let shown = match page(dir.path()).and_then(|file| Shown::open(&file)) {
        Ok(shown) => shown,
        Err(reason) if ocaml::is_required() => panic!("{reason}"),
        Err(reason) => return println!("skipped: {reason}"),
    };
    draws_the_map(&shown);
    clicks(&shown);
    searches(&shown);
    moves_by_keys(&shown);
    walks_the_tree(&shown);
    sorts(&shown);
    shows_a_patch(&shown);
    changes_the_program(&shown);
    changes_colours(&shown);
    prints(&shown);
}

fn draws_the_map(shown: &Shown) {
    let n_units = shown.number("JSON.parse(document.querySelector('script.data').textContent).units.length");
    assert_eq!(shown.number("document.querySelectorAll('#canvas .unit').length"), n_units);
    assert_eq!(shown.value("document.querySelectorAll('#panel').length"), 1);
    // Live and dead differ by pattern: the one is filled, the other hatched.
    let fill = |class: &str| {
        shown.value(&format!("getComputedStyle(document.querySelector('#canvas .{class}')).fill"))
    };
    assert!(fill("dead").as_str().unwrap_or_default().contains("#dead-"), "{}", fill("dead"));
    assert!(!fill("live").as_str().unwrap_or_default().contains("url"), "{}", fill("live"));
    // Areas are in proportion to bytes.
    let spread = shown.value(
        "(() => { const d = JSON.parse(document.querySelector('script.data').textContent);
            return d.groups.map((g, i) => { const us = d.units.filter((u) => u.group === i && u.bytes[6] > 5000);
              const per = us.map((u) => u.rect[2] * u.rect[3] / u.bytes[6]); return Math.max(...per, 0) / Math.min(...per, Infinity); })
              .filter((x) => x > 0).every((x) => x < 1.05); })()",
    );
    assert_eq!(spread, true, "areas of units in a library are in proportion");
    shown.picture("light.png");
}

fn clicks(shown: &Shown) {
    shown.click_unit("Numerix", 1);
    shown.wait("a click chooses", "document.querySelector('#panel h2').innerText === 'Numerix'");
    let panel = shown.text("#panel");
    for part in
        ["Why it is linked", "Recorded by", "refers to Numerix", "partition-unit:Numerix", "In pieces"]
    {
        assert!(panel.contains(part), "no `{part}` in {panel}");
    }
    // The chain ends with a line of a source that names it.
    let line = shown.text("#panel .chain li:last-child .source");
    assert!(line.contains("Numerix"), "`{line}`");
    assert_eq!(shown.value("location.hash"), "#unit=Numerix");
    shown.picture("chosen.png");
    shown.click_unit("Numerix", 2);
    shown.wait("a double click looks inside", "document.querySelectorAll('#canvas .unit').length === 1");
    assert!(shown.text("#crumbs").contains("numerix"));
    shown.picture("inside.png");
    shown.press("Escape");
    shown.press("Escape");
    shown.wait("Esc goes back", "document.querySelectorAll('#canvas .unit').length > 50");
    let hop = shown.value("document.querySelector('#panel .chain button').innerText");
    shown.value("document.querySelector('#panel .chain button').click()");
    shown
        .wait("a hop leads to its unit", &format!("document.querySelector('#panel h2').innerText === {hop}"));
}

fn searches(shown: &Shown) {
    shown.press("/");
    shown.wait("a slash starts the search", "document.activeElement.id === 'search'");
    shown.tab.type_str("moon_name").expect("text can be typed");
    shown.wait("a definition is found", "document.querySelectorAll('#found [role=option]').length > 0");
    assert!(
        shown.text("#found [role=option]").contains("Metkit__Solar.moon_name"),
        "{}",
        shown.text("#found")
    );
    assert!(shown.number("document.querySelectorAll('#canvas .dim').length") > 50, "the others are dimmed");
    shown.picture("search.png");
    shown.press("Enter");
    shown.wait("Enter takes it", "document.querySelector('#panel h2').innerText === 'Metkit__Solar'");
    assert_eq!(shown.number("document.querySelectorAll('#canvas .dim').length"), 0);
    shown.press("/");
    shown.tab.type_str("no such thing").expect("text can be typed");
    shown.wait(
        "nothing is said",
        "document.querySelector('#found').innerText.includes('nothing of that name')",
    );
    shown.press("Escape");
    shown.wait("Esc ends it", "document.querySelector('#found').hidden");
}

fn moves_by_keys(shown: &Shown) {
    shown.press("m");
    shown.wait("m goes to the map", "document.activeElement.classList.contains('unit')");
    let before = shown.text("#panel h2");
    shown.press("ArrowLeft");
    shown.wait(
        "an arrow chooses the next",
        &format!("document.querySelector('#panel h2').innerText !== {before:?}"),
    );
    let is_left = "(() => { const d = JSON.parse(document.querySelector('script.data').textContent);
        const x = (name) => { const r = d.units.find((u) => u.name === name).rect; return r[0] + r[2] / 2; };
        return x(document.querySelector('#panel h2').innerText) < x(BEFORE); })()";
    assert_eq!(shown.value(&is_left.replace("BEFORE", &format!("{before:?}"))), true);
    shown.press("Enter");
    shown.wait("Enter looks inside the library", "document.querySelectorAll('#crumbs b').length === 1 && document.querySelectorAll('#crumbs button').length === 1");
    shown.press("Escape");
    shown.wait("Esc goes back", "document.querySelectorAll('#crumbs button').length === 0");
    shown.press("?");
    shown.wait("a question mark lists the keys", "document.getElementById('keys').open");
    shown.press("Escape");
    shown.wait("and Esc closes the list", "!document.getElementById('keys').open");
}

fn walks_the_tree(shown: &Shown) {
    shown.press("b");
    shown.wait("b goes to the tree", "document.activeElement.getAttribute('role') === 'treeitem'");
    let first = shown.text("#tree [role=treeitem] .name");
    shown.press("ArrowRight");
    shown.wait("an arrow opens", "document.activeElement.getAttribute('aria-expanded') === 'true'");
    shown.press("ArrowRight");
    shown.wait("and goes in", "document.activeElement.getAttribute('aria-level') === '2'");
    shown.press("Enter");
    let chosen = shown.value("document.activeElement.querySelector('.name').firstChild.textContent");
    shown.wait("Enter chooses", &format!("document.querySelector('#panel h2').innerText === {chosen}"));
    shown.press("ArrowLeft");
    shown.press("ArrowLeft");
    shown.wait("an arrow closes", "document.activeElement.getAttribute('aria-expanded') === 'false'");
    assert_eq!(shown.text("#tree [role=treeitem] .name"), first);
}

fn sorts(shown: &Shown) {
    let first = "document.querySelector('#table tbody td').innerText";
    let heaviest = shown.value(first);
    shown.value("document.querySelector('#table th button').click()");
    shown.wait(
        "a title sorts",
        "document.querySelector('#table th').getAttribute('aria-sort') === 'ascending'",
    );
    assert_ne!(shown.value(first), heaviest);
}

fn shows_a_patch(shown: &Shown) {
    shown.value("document.querySelector('[data-proposal=\"unseal-facade:Metkit\"]').click()");
    shown.wait(
        "a step of the curve opens its proposal",
        "document.querySelector('[data-id=\"unseal-facade:Metkit\"]').open",
    );
    let diff = shown.text("[data-id=\"unseal-facade:Metkit\"] .diff");
    assert!(diff.contains("+++ b/vendor/metkit/metkit.mli") || diff.contains("new file mode"), "{diff}");
    assert!(shown.number("document.querySelectorAll('.curve .point').length") > 3);
    let is_above = "Number(document.querySelector('.curve .bound').getAttribute('d').match(/ ([0-9.]+)H/)[1]) > Math.max(...[...document.querySelectorAll('.program:not([hidden]) .curve .point')].map((p) => p.cy.baseVal.value))";
    assert_eq!(shown.value(is_above), true, "what is left is never below the bound");
    shown.picture("patch.png");
}

fn changes_the_program(shown: &Shown) {
    let n_units = shown.number("document.querySelectorAll('#canvas .unit').length");
    shown.value("(() => { const s = document.getElementById('program'); s.value = '1'; s.dispatchEvent(new Event('change')); })()");
    assert_ne!(shown.number("document.querySelectorAll('#canvas .unit').length"), n_units);
    assert_eq!(shown.value("document.querySelectorAll('section.program:not([hidden])').length"), 1);
    shown.value("(() => { const s = document.getElementById('program'); s.value = '0'; s.dispatchEvent(new Event('change')); })()");
    assert_eq!(shown.number("document.querySelectorAll('#canvas .unit').length"), n_units);
}

fn changes_colours(shown: &Shown) {
    let paper = || shown.value("getComputedStyle(document.body).backgroundColor");
    let before = paper();
    shown.value("document.activeElement.blur()");
    shown.press("t");
    shown.press("t");
    shown.wait("t changes the colours", "document.documentElement.dataset.theme === 'dark'");
    assert_ne!(paper(), before);
    shown.value("document.querySelector('#main').scrollIntoView()");
    shown.picture("dark.png");
}

fn prints(shown: &Shown) {
    let pdf = shown.tab.print_to_pdf(None).expect("the page prints");
    assert!(pdf.starts_with(b"%PDF") && pdf.len() > 20_000, "{} bytes", pdf.len());
    if let Some(dir) = std::env::var_os("UNLITH_SCREENSHOTS") {
        std::fs::write(Path::new(&dir).join("print.pdf"), pdf).expect("a writable directory");
    }
}
