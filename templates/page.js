// The page's own code: draws the map, the tree and the table from the data in the page, and shows one unit at a time.
// Everything is made with `make`, which sets text and never markup, so no name in a program can become code.
'use strict';
(() => {
  const $ = (id) => document.getElementById(id);
  const SVG = 'http://www.w3.org/2000/svg';
  const ORIGINS = { own: 'own code', workspace: 'this workspace', installed: 'installed', stdlib: 'standard library', c: 'C code' };
  const SECTIONS = ['code', 'data', 'frame table', 'unwind', 'relocations', 'dynamic symbols', 'total', 'symbol table', 'debug'];

  // ------------------------------------------------------------------ making elements

  function make(name, attributes = {}, ...children) {
    const isDrawn = /^(svg|g|path|rect|text|pattern|circle|defs|title)$/.test(name);
    const element = isDrawn ? document.createElementNS(SVG, name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (typeof value === 'function') element.addEventListener(key, value);
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value === true ? '' : value);
    }
    return fill(element, ...children);
  }

  // Replaces what is in an element; lists may hold lists, and nothing.
  function fill(element, ...children) {
    element.replaceChildren(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
    return element;
  }

  function bytes(n) {
    if (n < 1000) return n + ' B';
    const units = ['kB', 'MB', 'GB'];
    let value = n / 1000, unit = 0;
    while (value >= 999.5 && unit < 2) { value /= 1000; unit++; }
    return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0) + ' ' + units[unit];
  }
  const marked = (n, isMeasured) => (isMeasured ? '' : '~') + bytes(n);
  const count = (n, noun) => n + ' ' + noun + (n === 1 ? '' : 's');
  const percent = (part, whole) => whole ? (part === 0 ? '0' : Math.max(100 * part / whole, 0.1).toFixed(part * 10 < whole ? 1 : 0)) + ' %' : '-';

  // ------------------------------------------------------------------ the program that is shown

  const scripts = [...document.querySelectorAll('script.data')];
  const loaded = [];
  let program, chosen = null, view = null;

  function load(index) {
    if (loaded[index]) return loaded[index];
    const data = JSON.parse(scripts[index].textContent);
    data.index = index;
    data.uses = data.units.map(() => []);
    data.children = data.units.map(() => []);
    data.roots = [];
    data.byName = new Map();
    data.units.forEach((unit, i) => {
      unit.index = i;
      data.byName.set(unit.name, i);
      for (const [user] of unit.users) data.uses[user].push(i);
      (unit.dominator === null ? data.roots : data.children[unit.dominator]).push(i);
    });
    const heaviest = (a, b) => data.units[b].retained - data.units[a].retained || a - b;
    data.children.concat([data.roots]).forEach((list) => list.sort(heaviest));
    return loaded[index] = data;
  }

  function show(index) {
    program = load(index);
    chosen = null;
    view = { rect: [0, 0, 1600, 1000], group: null, unit: null };
    for (const part of document.querySelectorAll('.program')) part.hidden = Number(part.dataset.program) !== index;
    for (const slot of document.querySelectorAll(`.program[data-program="${index}"] [data-diff]`)) {
      const other = [...document.querySelectorAll('.proposal')].find((p) => p.dataset.id === slot.dataset.diff && p.querySelector('.diff'));
      if (other) slot.replaceChildren(other.querySelector('.diff').cloneNode(true));
    }
    legend();
    draw();
    tree();
    table();
    panel();
  }

  // ------------------------------------------------------------------ the map

  const canvas = $('canvas');
  const SIZE = { w: 1000, h: 625 };

  function patterns() {
    return make('defs', {}, [...Object.keys(ORIGINS), 'any'].map((origin) => [
      make('pattern', { id: 'dead-' + origin, class: origin, width: 7, height: 7, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
        make('rect', { class: 'ground', width: 7, height: 7 }), make('path', { class: 'stripe', d: 'M2 0V7' })),
      make('pattern', { id: 'dots-' + origin, class: origin, width: 6, height: 6, patternUnits: 'userSpaceOnUse' },
        make('rect', { class: 'ground', width: 6, height: 6 }), make('circle', { class: 'dots', cx: 2, cy: 2, r: 1.2 })),
    ]));
  }

  function legend() {
    const present = Object.keys(ORIGINS).filter((origin) => program.groups.some((group) => group.origin === origin && group.bytes > 0));
    const swatch = (origin, fill) => make('svg', { viewBox: '0 0 24 15', class: origin, 'aria-hidden': 'true' },
      make('rect', fill === 'live' ? { class: 'live', width: 24, height: 15 } : { fill: `url(#${fill}-${origin})`, width: 24, height: 15 }));
    fill($('legend'), 
      make('li', {}, swatch('any', 'live'), 'live'), make('li', {}, swatch('any', 'dead'), 'dead: never reached'),
      ...present.filter((origin) => origin !== 'c').map((origin) => make('li', {}, swatch(origin, 'live'), ORIGINS[origin])),
      ...(present.includes('c') ? [make('li', {}, swatch('c', 'dots'), 'C code, not told apart')] : []));
  }

  // From the coordinates of the layout to those of the drawing.
  function placed([x, y, w, h]) {
    const [vx, vy, vw, vh] = view.rect;
    return [(x - vx) / vw * SIZE.w, (y - vy) / vh * SIZE.h, w / vw * SIZE.w, h / vh * SIZE.h];
  }
  const isSeen = ([x, y, w, h]) => w > 0 && h > 0 && x < SIZE.w - .5 && y < SIZE.h - .5 && x + w > .5 && y + h > .5;
  const round = (n) => Math.round(n * 10) / 10;
  const rectPath = ([x, y, w, h]) => `M${round(x)} ${round(y)}h${round(w)}v${round(h)}h${round(-w)}z`;
  const within = ([x, y, w, h], piece) => [x + w * piece[0] / 1000, y + h * piece[1] / 1000, w * piece[2] / 1000, h * piece[3] / 1000];

  function label(text, [x, y, w, h], className, dy = 13) {
    // What is cut by the edge of the view is written where it can be seen.
    const left = Math.max(x, 0), top = Math.max(y, 0);
    const room = Math.floor((Math.min(x + w, SIZE.w) - left - 6) / 6.4);
    if (room < 4 || h < 14) return null;
    const shown = text.length <= room ? text : text.slice(0, room - 1) + '…';
    return make('text', { class: className, x: round(left + 4), y: round(top + dy) }, shown);
  }

  function drawUnit(unit, box) {
    const group = program.groups[unit.group];
    const parts = [[], []];
    const titles = [];
    for (const piece of unit.pieces) {
      const rect = within(box, piece[3]);
      if (rect[2] < .25 || rect[3] < .25) continue;
      parts[piece[2]].push(rectPath(rect));
      if (view.unit === unit.index && rect[2] > 34 && rect[3] > 15) titles.push(label(piece[0] || 'effect', rect, 'over small'));
    }
    const share = unit.bytes[6] ? Math.round(100 * (unit.bytes[6] - unit.dead) / unit.bytes[6]) : 0;
    return make('g', {
      class: 'unit ' + group.origin, tabindex: '-1', role: 'button', 'data-unit': unit.index,
      'aria-pressed': chosen === unit.index ? 'true' : 'false',
      'aria-label': `${unit.name}, ${bytes(unit.bytes[6])}, ${share} % live, library ${group.name}`,
    },
    make('path', { class: 'dead', fill: `url(#dead-${group.origin})`, d: parts[0].join('') || 'M0 0' }),
    make('path', { class: 'live', d: parts[1].join('') || 'M0 0' }),
    make('path', { class: 'box', d: rectPath(box) }),
    view.unit === unit.index ? titles : label(short(unit, group), box, 'over'));
  }

  // `Base__List` is `List` inside of `base`.
  function short(unit, group) {
    const at = unit.name.lastIndexOf('__');
    const prefix = unit.name.slice(0, Math.max(at, 0)).toLowerCase().replace(/_/g, '');
    return at > 0 && group.name.toLowerCase().replace(/[^a-z0-9]/g, '').startsWith(prefix.slice(0, 4)) ? unit.name.slice(at + 2) || unit.name : unit.name;
  }

  function draw() {
    canvas.setAttribute('viewBox', `0 0 ${SIZE.w} ${SIZE.h}`);
    const drawn = [patterns()];
    program.groups.forEach((group, g) => {
      const box = placed(group.rect);
      if (!isSeen(box)) return;
      const isC = group.origin === 'c';
      const isWide = box[2] > 60 && box[3] > 34;
      const full = `${group.name} ${bytes(group.bytes)}`;
      // The size is left out before the name is cut.
      const title = full.length * 6.4 + 6 <= box[2] ? full : group.name;
      drawn.push(make('g', { class: 'group ' + group.origin, 'data-group': isC ? null : g },
        make('path', { class: 'frame', fill: isC ? null : false, style: isC ? `fill:url(#dots-${group.origin})` : null, d: rectPath(box) }),
        isWide || isC ? label(title, box, isC ? 'title over' : 'title', 12.5) : null));
    });
    for (const unit of program.units) {
      const box = placed(unit.rect);
      if (isSeen(box)) drawn.push(drawUnit(unit, box));
    }
    fill(canvas, ...drawn);
    rove(chosen);
    crumbs();
    mark();
  }

  // One unit of the map can be reached by the Tab key: the chosen one, else the largest that is seen.
  function rove(index) {
    const shown = [...canvas.querySelectorAll('.unit')];
    const byBytes = (a, b) => program.units[b.dataset.unit].bytes[6] - program.units[a.dataset.unit].bytes[6];
    const target = shown.find((g) => Number(g.dataset.unit) === index) || shown.slice().sort(byBytes)[0];
    for (const g of shown) g.setAttribute('tabindex', g === target ? '0' : '-1');
    return target;
  }

  function crumbs() {
    const { group, unit } = view;
    const step = (text, action) => action ? make('button', { type: 'button', class: 'link', click: action }, text) : make('b', {}, text);
    const parts = [step('whole binary', group === null ? null : () => zoom(null, null))];
    if (group !== null) parts.push('›', step(program.groups[group].name, unit === null ? null : () => zoom(group, null)));
    if (unit !== null) parts.push('›', step(program.units[unit].name, null));
    fill($('crumbs'), ...parts);
  }

  function zoom(group, unit) {
    const rect = unit !== null ? program.units[unit].rect : group !== null ? program.groups[group].inner : [0, 0, 1600, 1000];
    if (!(rect[2] > 0 && rect[3] > 0)) return;
    const hadFocus = canvas.contains(document.activeElement);
    view = { rect, group, unit };
    draw();
    if (hadFocus) focusOn(unit !== null ? unit : chosen);
  }

  function out() {
    if (view.unit !== null) zoom(view.group, null);
    else if (view.group !== null) zoom(null, null);
    else return false;
    return true;
  }

  function focusOn(index) {
    const target = rove(index);
    if (target) target.focus({ preventScroll: true });
  }

  // The nearest unit in a direction, from middle to middle; what lies off the line counts double.
  function beside(index, dx, dy) {
    const middle = ([x, y, w, h]) => [x + w / 2, y + h / 2];
    const [x, y] = middle(program.units[index].rect);
    let best = null, least = Infinity;
    for (const g of canvas.querySelectorAll('.unit')) {
      const other = Number(g.dataset.unit);
      const [ox, oy] = middle(program.units[other].rect);
      const along = (ox - x) * dx + (oy - y) * dy, across = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
      if (other === index || along <= 0 || across > along * 2.5) continue;
      if (along + 2 * across < least) { least = along + 2 * across; best = other; }
    }
    return best;
  }

  canvas.addEventListener('click', (event) => {
    const unit = event.target.closest('.unit'), group = event.target.closest('.group[data-group]');
    if (unit) choose(Number(unit.dataset.unit), { focus: true });
    else if (group) zoom(Number(group.dataset.group), null);
  });
  canvas.addEventListener('dblclick', (event) => {
    const unit = event.target.closest('.unit');
    if (unit) { const index = Number(unit.dataset.unit); zoom(program.units[index].group, view.unit === index ? null : index); }
  });
  canvas.addEventListener('keydown', (event) => {
    const g = event.target.closest('.unit');
    if (!g) return;
    const index = Number(g.dataset.unit);
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (way) {
      const next = beside(index, ...way);
      if (next !== null) choose(next, { focus: true });
    } else if (event.key === 'Enter' || event.key === ' ') {
      if (chosen !== index) choose(index, { focus: true });
      else if (view.unit === null) zoom(program.units[index].group, view.group === null ? null : index);
    } else return;
    event.preventDefault();
  });

  const tip = $('tip');
  canvas.addEventListener('mousemove', (event) => {
    const g = event.target.closest('.unit');
    const group = event.target.closest('.group');
    tip.hidden = !g && !group;
    if (g) {
      const unit = program.units[g.dataset.unit];
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(canvas.getScreenCTM().inverse());
      const box = placed(unit.rect);
      const piece = unit.pieces.find((piece) => {
        const [x, y, w, h] = within(box, piece[3]);
        return at.x >= x && at.x < x + w && at.y >= y && at.y < y + h;
      });
      fill(tip, make('b', {}, piece ? piece[0] || 'effect' : unit.name),
        piece ? `${bytes(piece[1])}, ${piece[2] ? 'live' : 'dead'}; in ${unit.name}, ${marked(unit.bytes[6], unit.measured)}` : marked(unit.bytes[6], unit.measured));
    } else if (group) {
      const i = [...canvas.querySelectorAll('.group')].indexOf(group);
      const of = group.dataset.group === undefined ? program.groups.filter((one) => one.origin === 'c' && isSeen(placed(one.rect)))[i - canvas.querySelectorAll('.group[data-group]').length] : program.groups[group.dataset.group];
      tip.hidden = !of;
      if (of) fill(tip, make('b', {}, of.name), `${bytes(of.bytes)}, ${percent(of.bytes, program.alloc)} of the binary`);
    }
    if (!tip.hidden) {
      tip.style.left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8) + 'px';
      tip.style.top = Math.min(event.clientY + 16, innerHeight - tip.offsetHeight - 8) + 'px';
    }
  });
  canvas.addEventListener('mouseleave', () => { tip.hidden = true; });

  // ------------------------------------------------------------------ the chosen unit

  function choose(index, { focus = false, reveal = false } = {}) {
    chosen = index;
    const unit = program.units[index];
    if (view.group !== null && view.group !== unit.group || view.unit !== null && view.unit !== index) {
      view = { rect: [0, 0, 1600, 1000], group: null, unit: null };
      draw();
    }
    for (const g of canvas.querySelectorAll('.unit')) g.setAttribute('aria-pressed', Number(g.dataset.unit) === index ? 'true' : 'false');
    // The chosen one lies on top, so that its frame is whole.
    const own = canvas.querySelector(`.unit[data-unit="${index}"]`);
    if (own && own !== canvas.lastElementChild) canvas.append(own);
    if (focus) focusOn(index); else rove(index);
    for (const item of document.querySelectorAll('#tree [role=treeitem]')) item.setAttribute('aria-selected', Number(item.dataset.unit) === index ? 'true' : 'false');
    panel();
    if (reveal) $('map').scrollIntoView({ block: 'start' });
    try { history.replaceState(null, '', '#unit=' + encodeURIComponent(unit.name)); } catch { /* some viewers forbid it */ }
  }

  const toUnit = (index) => make('button', { type: 'button', class: 'link', 'data-to': index, click: () => choose(index) }, program.units[index].name);

  function placeOf([file, line, col, text]) {
    const at = program.files[file] + (line === null ? '' : ':' + line + (col === null ? '' : ':' + col));
    return [make('span', { class: 'place' }, make('code', {}, at)), text === null ? null : make('code', { class: 'source', tabindex: '0' }, program.lines[text])];
  }

  function chain(index) {
    const hops = [];
    for (let at = index; at !== null && hops.length <= program.units.length; at = program.units[at].via[0]) hops.unshift(at);
    return make('ol', { class: 'chain' }, hops.map((at) => {
      const [, because, place] = program.units[at].via;
      return make('li', {}, at === index ? make('b', {}, program.units[at].name) : toUnit(at), make('div', { class: 'why' }, because), place ? placeOf(place) : null);
    }));
  }

  function usersOf(unit) {
    return unit.users.map(([user, total, references]) => make('details', { open: unit.users.length <= 3 },
      make('summary', {}, program.units[user].name, ' ', make('small', {}, total ? count(total, 'reference') : 'its archive says so')),
      make('div', {}, toUnit(user),
        references.map(([from, to, place]) => make('div', {}, make('span', { class: 'why' }, `${from || 'start-up code'} refers to ${to || 'the whole unit'}`), placeOf(place))),
        total > references.length ? make('p', { class: 'quiet' }, `and ${total - references.length} more`) : null)));
  }

  function more(all, shown, row) {
    const rest = all.slice(shown);
    const rows = all.slice(0, shown).map(row);
    if (rest.length) {
      const button = make('button', { type: 'button', class: 'link more', click: () => line.replaceWith(...rest.map(row)) }, `show ${rest.length} more`);
      const line = make('tr', { class: 'more' }, make('td', { colspan: 9 }, button));
      rows.push(line);
    }
    return rows;
  }

  function shareBar(unit) {
    const origin = program.groups[unit.group].origin, total = unit.bytes[6] || 1;
    const live = 100 * (total - unit.dead) / total;
    return make('svg', { class: 'share ' + origin, viewBox: '0 0 340 16', role: 'img', 'aria-label': `${Math.round(live)} % live` },
      make('rect', { fill: `url(#dead-${origin})`, width: 340, height: 16 }), make('rect', { class: 'live', width: round(3.4 * live), height: 16 }));
  }

  function panel() {
    const box = $('panel');
    box.classList.toggle('empty', chosen === null);
    if (chosen === null) {
      const widest = program.units.slice().sort((a, b) => b.waste - a.waste).slice(0, 8);
      fill(box, make('h2', {}, 'Most waste'), make('p', { class: 'from' }, 'Dead bytes, and what is linked only for their sake'),
        make('table', {}, make('tbody', {}, widest.map((unit) => make('tr', {}, make('td', {}, toUnit(unit.index)), make('td', { class: 'n' }, marked(unit.waste, unit.waste_measured)))))));
      return;
    }
    const unit = program.units[chosen], group = program.groups[unit.group];
    const pair = (key, value) => value === null ? [] : [make('dt', {}, key), make('dd', {}, value)];
    const about = [...document.querySelectorAll(`.program[data-program="${program.index}"] .proposal`)].filter((p) => p.dataset.unit === unit.name);
    const brought = program.children[chosen], uses = program.uses[chosen];
    fill(box, 
      make('h2', { id: 'unit-name' }, unit.name),
      make('p', { class: 'from' }, group.name + (unit.file === null ? '' : ' · ' + program.files[unit.file])),
      shareBar(unit),
      make('dl', { class: 'pairs' },
        pair('bytes', `${marked(unit.bytes[6], unit.measured)}, ${percent(unit.bytes[6], program.alloc)} of the binary`),
        pair('live', unit.definitions ? `${unit.live_definitions} of ${count(unit.definitions, 'definition')}, ${marked(unit.live, unit.measured)}` : 'no source here: taken whole'),
        pair('own code', unit.touched ? 'needs it' : 'never reaches it'),
        pair('waste', `${marked(unit.waste, unit.waste_measured)}${unit.waste_units ? ', with ' + count(unit.waste_units, 'other unit') : ''}`),
        pair('retains', `${bytes(unit.retained)}${unit.retained_units > 1 ? ' in ' + count(unit.retained_units, 'unit') : ''}`)),
      make('h3', {}, 'Why it is linked'), chain(chosen),
      about.length ? make('h3', {}, 'Proposals') : null,
      about.map((p) => make('div', {}, make('button', { type: 'button', class: 'link', click: () => openProposal(p.dataset.id) }, p.dataset.id), ' ', p.querySelector('.gain b').textContent)),
      make('h3', {}, unit.users.length ? 'Recorded by ' + count(unit.users.length, 'unit') : 'No unit records it'), usersOf(unit),
      uses.length ? make('h3', {}, 'Records ' + count(uses.length, 'unit')) : null,
      uses.length ? make('div', {}, uses.map((used, i) => [i ? ', ' : null, toUnit(used)])) : null,
      brought.length ? make('h3', {}, 'Brings alone') : null,
      brought.length ? make('table', {}, make('tbody', {}, more(brought, 8, (i) => make('tr', {}, make('td', {}, toUnit(i)), make('td', { class: 'n' }, bytes(program.units[i].retained)))))) : null,
      make('h3', {}, 'In pieces'),
      make('table', {}, make('tbody', {}, more(unit.pieces, 15, (piece) => make('tr', {}, make('td', {}, make('code', {}, piece[0] || 'effect')),
        make('td', {}, make('span', { class: 'word' }, piece[2] ? 'live' : 'dead')), make('td', { class: 'n' }, bytes(piece[1])))))),
      make('h3', {}, 'By section'),
      make('dl', { class: 'pairs' }, SECTIONS.map((name, i) => unit.bytes[i] ? pair(name, bytes(unit.bytes[i])) : [])),
      program.smallest > 1 ? make('p', { class: 'quiet' }, `Definitions below ${program.smallest} B are drawn together, and at most ${program.references_shown} references of a pair of units are listed, to keep the page small.`) : null);
    box.scrollTop = 0;
  }

  function openProposal(id) {
    const target = [...document.querySelectorAll(`.program[data-program="${program.index}"] .proposal`)].find((p) => p.dataset.id === id);
    if (!target) return;
    target.open = true;
    target.scrollIntoView({ block: 'start' });
    target.querySelector('summary').focus({ preventScroll: true });
  }
  document.addEventListener('click', (event) => {
    const link = event.target.closest('[data-proposal]');
    if (link) { event.preventDefault(); openProposal(link.dataset.proposal); }
  });

  // ------------------------------------------------------------------ who brings what

  function treeItem(index, level) {
    const unit = program.units[index], children = program.children[index];
    return make('li', {
      role: 'treeitem', tabindex: '-1', 'data-unit': index, 'aria-level': level, 'aria-selected': 'false',
      'aria-expanded': children.length ? 'false' : null, 'aria-label': `${unit.name}, retains ${bytes(unit.retained)}`,
    },
    make('div', { class: 'row' },
      make('span', { class: 'turn', 'aria-hidden': 'true' }, children.length ? '▸' : ''),
      make('span', { class: 'name' }, unit.name, ' ', make('small', {}, program.groups[unit.group].name)),
      make('span', { class: 'n' }, bytes(unit.retained)),
      make('span', { class: 'meter', 'aria-hidden': 'true' }, make('i', { style: `width:${round(100 * unit.retained / program.units[program.roots[0]].retained)}%` })),
      make('small', {}, unit.retained_units > 1 ? count(unit.retained_units, 'unit') : '')));
  }

  function tree() {
    const shown = 25, items = program.roots.map((index) => () => treeItem(index, 1));
    const rest = items.slice(shown);
    const list = items.slice(0, shown).map((item) => item());
    if (rest.length) {
      const line = make('li', { role: 'none', class: 'more' }, make('button', { type: 'button', click: () => line.replaceWith(...rest.map((item) => item())) }, `show ${rest.length} more`));
      list.push(line);
    }
    fill($('tree'), ...list);
    if (list[0]) list[0].setAttribute('tabindex', '0');
  }

  function turn(item, isOpen) {
    const index = Number(item.dataset.unit), children = program.children[index];
    if (!children.length) return;
    item.setAttribute('aria-expanded', String(isOpen));
    item.querySelector('.turn').textContent = isOpen ? '▾' : '▸';
    const old = item.querySelector(':scope > ul');
    if (old) old.remove();
    if (isOpen) item.append(make('ul', { role: 'group' }, children.map((child) => treeItem(child, Number(item.getAttribute('aria-level')) + 1))));
  }

  function moveInTree(from, to) {
    if (!to) return;
    from.setAttribute('tabindex', '-1');
    to.setAttribute('tabindex', '0');
    to.focus();
  }

  $('tree').addEventListener('click', (event) => {
    const item = event.target.closest('[role=treeitem]');
    if (!item || event.target.closest('.more')) return;
    const before = $('tree').querySelector('[tabindex="0"]');
    if (event.target.closest('.turn')) turn(item, item.getAttribute('aria-expanded') !== 'true');
    else choose(Number(item.dataset.unit));
    if (before) moveInTree(before, item);
  });
  $('tree').addEventListener('keydown', (event) => {
    const item = event.target.closest('[role=treeitem]');
    if (!item) return;
    const items = [...$('tree').querySelectorAll('[role=treeitem]')], at = items.indexOf(item), isOpen = item.getAttribute('aria-expanded');
    switch (event.key) {
      case 'ArrowDown': moveInTree(item, items[at + 1]); break;
      case 'ArrowUp': moveInTree(item, items[at - 1]); break;
      case 'ArrowRight': if (isOpen === 'false') turn(item, true); else if (isOpen === 'true') moveInTree(item, items[at + 1]); break;
      case 'ArrowLeft': if (isOpen === 'true') turn(item, false); else moveInTree(item, item.parentElement.closest('[role=treeitem]')); break;
      case 'Home': moveInTree(item, items[0]); break;
      case 'End': moveInTree(item, items[items.length - 1]); break;
      case 'Enter': case ' ': choose(Number(item.dataset.unit)); break;
      default: return;
    }
    event.preventDefault();
  });

  // ------------------------------------------------------------------ the table of units

  const COLUMNS = [
    ['unit', (u) => u.name, (u) => toUnit(u.index)],
    ['library', (u) => program.groups[u.group].name, (u) => program.groups[u.group].name],
    ['bytes', (u) => u.bytes[6], (u) => marked(u.bytes[6], u.measured)],
    ['live', (u) => u.live, (u) => marked(u.live, u.measured)],
    ['definitions', (u) => u.live_definitions, (u) => u.definitions ? `${u.live_definitions} of ${u.definitions}` : '-'],
    ['brings', (u) => u.waste_units, (u) => u.waste_units ? count(u.waste_units, 'unit') : '-'],
    ['waste', (u) => u.waste, (u) => marked(u.waste, u.waste_measured)],
    ['retains', (u) => u.retained, (u) => bytes(u.retained)],
  ];
  let sorted = { column: 6, isDown: true };

  function table() {
    const { column, isDown } = sorted, key = COLUMNS[column][1];
    const units = program.units.slice().sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      const order = typeof x === 'string' ? x.localeCompare(y) : x - y;
      return (isDown ? -order : order) || a.index - b.index;
    });
    const head = COLUMNS.map(([name], i) => make('th', { class: i > 1 ? 'n' : '', scope: 'col', 'aria-sort': i === column ? (isDown ? 'descending' : 'ascending') : 'none' },
      make('button', { type: 'button', click: () => { sorted = { column: i, isDown: i === column ? !isDown : i > 1 }; table(); $('table').querySelectorAll('th button')[i].focus(); } },
        name, i === column ? (isDown ? ' ▾' : ' ▴') : '')));
    const row = (unit) => make('tr', {}, COLUMNS.map(([, , cell], i) => make('td', { class: i > 1 ? 'n' : '' }, cell(unit))));
    fill($('table'), make('table', {}, make('thead', {}, make('tr', {}, head)), make('tbody', {}, more(units, 40, row))));
  }

  // ------------------------------------------------------------------ search

  const search = $('search'), found = $('found');
  let hits = [], at = -1;

  function find(text) {
    const word = text.trim().toLowerCase();
    if (!word) return [];
    const hits = [];
    const rank = (name) => { const i = name.toLowerCase().indexOf(word); return i < 0 ? -1 : (name.length === word.length ? 0 : i === 0 || /[_.\s]/.test(name[i - 1]) ? 1 : 2); };
    program.groups.forEach((group, g) => {
      const r = group.origin === 'c' ? -1 : rank(group.name);
      if (r >= 0) hits.push({ r: r - .1, size: group.bytes, name: group.name, note: 'library, ' + bytes(group.bytes), go: () => { zoom(g, null); $('map').scrollIntoView(); focusOn(null); } });
    });
    for (const unit of program.units) {
      const r = rank(unit.name);
      if (r >= 0) hits.push({ r, size: unit.bytes[6], name: unit.name, note: bytes(unit.bytes[6]), unit: unit.index });
      for (const piece of unit.pieces) {
        const full = `${unit.name}.${piece[0]}`;
        const p = rank(piece[0]) >= 0 ? rank(piece[0]) : word.includes('.') ? rank(full) : -1;
        if (p >= 0 && piece[0]) hits.push({ r: p + .5, size: piece[1], name: full, note: `${bytes(piece[1])}, ${piece[2] ? 'live' : 'dead'}`, unit: unit.index });
      }
    }
    return hits.sort((a, b) => a.r - b.r || b.size - a.size);
  }

  function mark() {
    const units = new Set(hits.map((hit) => hit.unit));
    const isOn = search.value.trim() !== '' && hits.length > 0;
    for (const g of canvas.querySelectorAll('.unit')) g.classList.toggle('dim', isOn && !units.has(Number(g.dataset.unit)));
  }

  function list() {
    const shown = hits.slice(0, 40);
    const isOn = search.value.trim() !== '';
    found.hidden = !isOn;
    search.setAttribute('aria-expanded', String(isOn));
    fill(found, ...shown.map((hit, i) => make('li', { role: 'option', id: 'hit' + i, 'aria-selected': i === at ? 'true' : 'false', mousedown: (event) => { event.preventDefault(); take(i); } },
      make('span', {}, hit.name), make('small', {}, hit.note))),
    ...(hits.length > shown.length ? [make('li', { role: 'presentation' }, make('small', {}, `and ${hits.length - shown.length} more`))] : []),
    ...(isOn && !hits.length ? [make('li', { role: 'presentation' }, make('small', {}, 'nothing of that name is linked'))] : []));
    if (at >= 0) { search.setAttribute('aria-activedescendant', 'hit' + at); $('hit' + at).scrollIntoView({ block: 'nearest' }); }
    else search.removeAttribute('aria-activedescendant');
    mark();
  }

  function take(i) {
    const hit = hits[i];
    if (!hit) return;
    close();
    if (hit.unit === undefined) hit.go(); else choose(hit.unit, { focus: true, reveal: true });
  }

  function close() {
    search.value = '';
    hits = [];
    at = -1;
    list();
  }

  search.addEventListener('input', () => { hits = find(search.value); at = hits.length ? 0 : -1; list(); });
  search.addEventListener('blur', () => { found.hidden = true; search.setAttribute('aria-expanded', 'false'); });
  search.addEventListener('focus', () => { if (search.value) list(); });
  search.addEventListener('keydown', (event) => {
    const last = Math.min(hits.length, 40) - 1;
    if (event.key === 'ArrowDown') at = Math.min(at + 1, last);
    else if (event.key === 'ArrowUp') at = Math.max(at - 1, 0);
    else if (event.key === 'Enter') { take(at); event.preventDefault(); return; }
    else if (event.key === 'Escape') { close(); search.blur(); event.stopPropagation(); return; }
    else return;
    event.preventDefault();
    list();
  });

  // ------------------------------------------------------------------ keys, colours, start

  const themes = ['auto', 'light', 'dark'];
  function theme(name) {
    if (name === 'auto') delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = name;
    $('theme').textContent = name[0].toUpperCase() + name.slice(1);
    try { localStorage.setItem('unlith-theme', name); } catch { /* not from every place */ }
  }
  const nextTheme = () => theme(themes[(themes.indexOf(document.documentElement.dataset.theme || 'auto') + 1) % 3]);
  $('theme').addEventListener('click', nextTheme);
  $('help').addEventListener('click', () => $('keys').showModal());

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input, select, textarea') || $('keys').open) return;
    const go = { m: 'map', p: 'proposals', b: 'brings', u: 'units' }[event.key];
    if (event.key === '/') { search.focus(); search.select(); }
    else if (event.key === '?') $('keys').showModal();
    else if (event.key === 't') nextTheme();
    else if (event.key === 'Escape') { if (!out() && chosen !== null) { chosen = null; draw(); panel(); } }
    else if (go) {
      $(go).scrollIntoView();
      const first = { map: () => rove(chosen), proposals: () => document.querySelector('.program:not([hidden]) .proposal summary'), brings: () => $('tree').querySelector('[tabindex="0"]'), units: () => $('table').querySelector('button') }[go]();
      if (first) first.focus({ preventScroll: true });
    } else return;
    event.preventDefault();
  });

  // A printed page is light, whatever the screen is.
  let before = null;
  addEventListener('beforeprint', () => { before = document.documentElement.dataset.theme || 'auto'; document.documentElement.dataset.theme = 'light'; });
  addEventListener('afterprint', () => { if (before === 'auto') delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = before; });

  function fromAddress() {
    const name = /^#unit=(.+)$/.exec(location.hash);
    const index = name && program.byName.get(decodeURIComponent(name[1]));
    if (index !== null && index !== undefined) choose(index);
  }
  addEventListener('hashchange', fromAddress);
  if ($('program')) $('program').addEventListener('change', (event) => show(Number(event.target.value)));
  let stored = null;
  try { stored = localStorage.getItem('unlith-theme'); } catch { /* not from every place */ }
  theme(themes.includes(stored) ? stored : 'auto');
  if (scripts.length) { show(0); fromAddress(); }
})();
