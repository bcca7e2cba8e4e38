/* What a page gains with JavaScript. Everything works without it; hooks are data-attributes. */
(() => {
  'use strict'
  const doc = document, root = doc.documentElement
  const $ = (query, from = doc) => from.querySelector(query)
  const $$ = (query, from = doc) => [...from.querySelectorAll(query)]
  const words = ($('#kata') || root).dataset
  const narrow = matchMedia('(max-width: 959px)')
  const shared = () => 'shared' in doc.body.dataset
  root.classList.add('js')

  /* ---- saying things ---- */
  const say = (text, urgent) => {
    const region = $(urgent ? '#galat' : '#kabar')
    if (!region) return
    region.textContent = ''
    setTimeout(() => { region.textContent = text }, 60)
  }
  const toast = (text, done = true) => {
    const box = doc.createElement('div'), span = doc.createElement('span'), icon = $(done ? '#ikon-check' : '#ikon-alert')
    box.className = 'toast'
    if (icon) box.append(icon.content.cloneNode(true))
    span.textContent = text
    box.append(span)
    box.onanimationend = () => box.remove()
    $('.toasts')?.append(box)
    say(text)
  }
  const note = (before, text, action) => {
    const box = doc.createElement('div')
    box.className = 'note'
    const body = doc.createElement('div')
    body.textContent = text + ' '
    if (action) {
      const button = doc.createElement('button')
      button.type = 'button'
      button.className = 'link'
      button.textContent = action.text
      button.onclick = () => { box.remove(); action.run() }
      body.append(button)
    }
    box.append(body)
    before.prepend(box)
    say(text)
  }
  /* Said once: a page asks for its parts again and again. */
  let asked = false
  const askToSignIn = () => {
    if (asked) return
    asked = true
    const page = encodeURIComponent(location.pathname + location.search)
    note($('main'), words.signedOut, { text: words.signIn, run: () => location.assign(`${words.signInUrl}?next=${page}`) })
  }
  window.desk = { say, toast, askToSignIn, smaller: (file) => smaller(file) }

  /* ---- htmx ---- */
  doc.addEventListener('htmx:configRequest', (e) => {
    e.detail.headers['X-CSRFToken'] = $('meta[name=csrf-token]').content
  })
  for (const name of ['htmx:responseError', 'htmx:sendError', 'htmx:timeout'])
    doc.addEventListener(name, (e) => e.detail.xhr?.status === 401 ? askToSignIn() : say(words.failed, true))
  doc.addEventListener('htmx:beforeRequest', (e) => e.detail.target?.setAttribute('aria-busy', 'true'))
  doc.addEventListener('htmx:afterSettle', (e) => {
    const target = e.detail.target
    target.removeAttribute('aria-busy')
    setUp(target)
    if (doc.activeElement === doc.body) $('#ringkasan-galat, h1, h2', target)?.focus()
  })

  /* ---- one listener for all presses ---- */
  const copy = async (button) => {
    const from = button.dataset.copy && $(button.dataset.copy)
    const text = button.dataset.copyText ?? (from.value ?? from.textContent).trim()
    try { await navigator.clipboard.writeText(text) } catch {
      const area = Object.assign(doc.createElement('textarea'), { value: text, readOnly: true, className: 'vh' })
      doc.body.append(area)
      area.select()
      const done = doc.execCommand('copy')
      area.remove()
      if (!done) return say(words.copyFailed, true)
    }
    $('span', button) ? $('span', button).textContent = words.copied : null
    button.closest('li')?.classList.add('done')
    toast(words.copied)
  }
  const share = async (button) => {
    const { shareUrl, shareName, shareText } = button.dataset
    button.setAttribute('aria-busy', 'true')
    try {
      const blob = await (await fetch(shareUrl)).blob()
      const files = [new File([blob], shareName || shareUrl.split('/').pop(), { type: blob.type })]
      if (navigator.canShare?.({ files })) {
        await navigator.share(shareText ? { files, text: shareText } : { files })
        button.closest('li')?.classList.add('done')
      } else location.assign(shareUrl)
    } catch (error) {
      if (error.name !== 'AbortError') location.assign(shareUrl)
    } finally { button.removeAttribute('aria-busy') }
  }
  const insert = (button) => {
    const area = $(`[name="${button.dataset.into}"]`)
    const at = area.selectionEnd ?? area.value.length, glue = at && !/\s$/.test(area.value.slice(0, at)) ? '\n' : ''
    area.setRangeText(glue + button.dataset.insert, at, at, 'end')
    area.dispatchEvent(new Event('input', { bubbles: true }))
    area.focus()
  }
  const show = (button) => {
    const input = doc.getElementById(button.dataset.show), open = input.type === 'password'
    input.type = open ? 'text' : 'password'
    button.setAttribute('aria-pressed', open)
    $('span', button).textContent = open ? words.hide : words.show
  }
  doc.addEventListener('click', (e) => {
    const on = e.target.closest('[data-why],[data-copy],[data-copy-text],[data-share-url],[data-insert],[data-show],[data-dialog],[data-close],[data-check-all],[data-print],[role=tab]')
    if (!on) return
    const d = on.dataset
    if ('why' in d && on.getAttribute('aria-disabled') === 'true') { e.preventDefault(); toast(d.why, false) }
    else if ('copy' in d || 'copyText' in d) copy(on)
    else if ('shareUrl' in d) share(on)
    else if ('insert' in d) insert(on)
    else if ('show' in d) show(on)
    else if ('dialog' in d) { e.preventDefault(); $(d.dialog).showModal() }
    else if ('close' in d) on.closest('dialog').close()
    else if ('print' in d) window.print()
    else if ('checkAll' in d) $$(`[name="${d.checkAll}"]`).forEach((box) => { box.checked = on.checked ?? true })
    else if (on.role === 'tab' || on.getAttribute('role') === 'tab') pick(on)
  })

  /* ---- tabs ---- */
  const pick = (tab) => {
    for (const other of $$('[role=tab]', tab.parentElement)) {
      const here = other === tab
      other.setAttribute('aria-selected', here)
      other.tabIndex = here ? 0 : -1
      const panel = doc.getElementById(other.getAttribute('aria-controls'))
      if (panel) panel.hidden = !here
    }
  }
  doc.addEventListener('keydown', (e) => {
    const tab = e.target.closest?.('[role=tab]')
    if (tab && (e.key === 'ArrowRight' || e.key === 'ArrowLeft')) {
      const all = $$('[role=tab]', tab.parentElement), step = e.key === 'ArrowRight' ? 1 : -1
      const next = all[(all.indexOf(tab) + step + all.length) % all.length]
      pick(next)
      next.focus()
    }
    /* Keys of the review page; never while something is being written. */
    if (e.ctrlKey || e.metaKey || e.altKey || e.key.length !== 1) return
    if (e.target.closest('input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable],dialog')) return
    const hit = $(`[data-key="${CSS.escape(e.key.toLowerCase())}"]`)
    /* A key alone sends no verdict: it leads to the button, Enter presses it. */
    if (hit) { e.preventDefault(); hit.focus(); if (hit.type !== 'submit') hit.click() }
  })

  /* ---- forms ---- */
  const release = (form) => {
    delete form.dataset.sent
    $$('[aria-busy]', form).concat($$(`[form="${form.id}"][aria-busy]`)).forEach((b) => b.removeAttribute('aria-busy'))
  }
  /* Who signs out leaves nothing behind in the tab, also not what a timer still wanted to keep. */
  let leaving = false
  doc.addEventListener('submit', (e) => {
    const form = e.target
    if (form.method !== 'post' || form.hasAttribute('hx-post')) return
    if (e.submitter?.getAttribute('aria-disabled') === 'true') { e.preventDefault(); return toast(e.submitter.dataset.why, false) }
    if (form.dataset.busyFiles > 0) { e.preventDefault(); return toast(words.shrinking, false) }
    if (!navigator.onLine) { e.preventDefault(); return toast(words.offline, false) }
    if (form.dataset.sent) return e.preventDefault()
    form.dataset.sent = '1'
    e.submitter?.setAttribute('aria-busy', 'true')
    say(words.sending)
    if ('signOut' in form.dataset) { leaving = true; sessionStorage.clear() }
    /* A download answers without leaving the page; let the button live again. */
    if ('download' in form.dataset) setTimeout(() => release(form), 4000)
  })
  addEventListener('pageshow', () => $$('form[data-sent]').forEach(release))
  doc.addEventListener('change', (e) => {
    const form = e.target.form
    if (form && 'auto' in form.dataset) form.requestSubmit()
    if (e.target.matches('[data-shrink]')) shrink(e.target)
  })

  /* ---- counters: they speak at 90 % and at the limit ---- */
  /* As the server counts what it keeps: without blanks at both ends, by letters or, where asked, in UTF-16. */
  const length = (area) => { const text = area.value.replace(/\r\n/g, '\n').trim(); return 'utf16' in area.dataset ? text.length : [...text].length }
  const tell = (out, n, max) => {
    const was = out.className, now = n > max ? 'over' : n >= max * .9 ? 'near' : ''
    out.className = now
    if (now && now !== was) say(now === 'over' ? `${words.over} ${n - max}` : `${words.left} ${max - n}`, false)
  }
  const count = (area) => {
    const n = length(area), id = new Intl.NumberFormat('id')
    for (const out of $$(`[data-count-for="${area.name}"] [data-max]:not([data-own])`)) {
      const max = +out.dataset.max
      ;($('b', out) || out).textContent = max ? `${id.format(n)}/${id.format(max)}` : id.format(n)
      if (max) tell(out, n, max)
    }
    for (const mirror of $$(`[data-mirror="${area.name}"]`)) mirror.textContent = area.value
  }
  const ownCounter = (area) => {
    if ($(`[data-count-for="${area.name}"]`)) return
    const line = doc.createElement('p'), out = doc.createElement('span')
    line.className = 'count'
    line.dataset.countFor = area.name
    out.dataset.max = area.dataset.count
    line.append(out)
    area.after(line)
  }
  doc.addEventListener('input', (e) => { if (e.target.name) count(e.target) })

  /* ---- steps of one form, on the phone ---- */
  const wizard = (form) => {
    const steps = $$('.step', form), buttons = $$('[data-step]', form), main = form.closest('main')
    const bar = $('.bar', form) || $('.bar')
    /* Ticked is what lies behind and has nothing that stops sending: such points link to their fields. */
    const stopped = (step) => $$('.stop a[href^="#"]', form).some((a) => step.contains(doc.getElementById(a.hash.slice(1))))
    const tick = () => buttons.forEach((b, i) => b.classList.toggle('done', i < +form.dataset.at && !stopped(steps[i])))
    const go = (n, focus) => {
      steps.forEach((step, i) => step.classList.toggle('now', i === n))
      buttons.forEach((button, i) => {
        i === n ? button.setAttribute('aria-current', 'step') : button.removeAttribute('aria-current')
      })
      const phone = narrow.matches, last = n === steps.length - 1
      $$('[data-prev]', bar).forEach((b) => { b.hidden = !n })
      $$('[data-next]', bar).forEach((b) => { b.hidden = last })
      $$('[data-final]', bar).forEach((b) => { b.hidden = phone && !last })
      form.dataset.at = n
      tick()
      if (focus) { scrollTo(0, 0); const head = $('h2, legend, label', steps[n]); if (head) { head.tabIndex = -1; head.focus({ preventScroll: true }) } form.dispatchEvent(new CustomEvent('step')) }
    }
    const reach = (field) => {
      const n = steps.findIndex((step) => step.contains(field))
      if (n < 0) return false
      go(n)
      for (let fold = field.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true
      field.dispatchEvent(new CustomEvent('reach', { bubbles: true }))
      const inner = 'input:not([type=hidden],:disabled), textarea, select, summary'
      const spot = field.matches(inner) ? field : $(inner, field) || field
      if (!spot.matches(inner)) spot.tabIndex = -1
      spot.focus({ preventScroll: true })
      spot.scrollIntoView({ block: 'center' })
      return true
    }
    main.classList.add('stepped')
    buttons.forEach((button, i) => { button.onclick = () => go(i, true) })
    $$('[data-next]', bar).forEach((b) => { b.onclick = () => go(+form.dataset.at + 1, true) })
    $$('[data-prev]', bar).forEach((b) => { b.onclick = () => go(+form.dataset.at - 1, true) })
    narrow.onchange = () => go(+form.dataset.at)
    const bad = steps.findIndex((step) => $('.bad, .err', step))
    const asked = steps.findIndex((step) => step.contains(doc.getElementById(location.hash.slice(1))))
    go(Math.max(0, bad, asked))
    doc.addEventListener('htmx:afterSettle', tick)
    /* A browser check on a hidden step must be able to show itself. */
    form.addEventListener('invalid', (e) => { const n = steps.findIndex((s) => s.contains(e.target)); if (n >= 0) go(n) }, true)
    /* A link to a field opens the step and the fold that hold it. */
    doc.addEventListener('click', (e) => {
      const a = e.target.closest('.note a[href^="#"], .checks a[href^="#"]'), field = a && doc.getElementById(a.hash.slice(1))
      if (field && reach(field)) e.preventDefault()
    })
  }

  /* As on all pages in WIB; a phone set to another zone shows another hour, so both are named. */
  const hour = (timeZone) => new Date().toLocaleTimeString('id', { hour: '2-digit', minute: '2-digit', timeZone })
  const nowInWib = () => {
    const wib = hour('Asia/Jakarta'), here = hour()
    return wib === here ? wib : `${wib} WIB (${words.ownClock} ${here})`
  }

  /* ---- drafts on this phone; on one that is shared only in this tab, and not after signing out ---- */
  const stores = { localStorage, sessionStorage }
  const writable = (form) => $$('textarea[name], input[type=text][name]', form)
  const draft = (form) => {
    const key = 'draf:' + form.dataset.draftKey, where = shared() ? 'sessionStorage' : 'localStorage', store = stores[where]
    const forget = () => store.removeItem(key)
    if (shared()) localStorage.removeItem(key)
    /* What another person wrote here before, whose sign-in ran out, is nobody's business. */
    const mine = key.slice(0, key.indexOf(':', 5) + 1)
    if (shared()) Object.keys(sessionStorage).filter((k) => k.startsWith('draf:') && !k.startsWith(mine)).forEach((k) => sessionStorage.removeItem(k))
    const kept = JSON.parse(store.getItem(key) || 'null')
    const fields = writable(form), server = Object.fromEntries(fields.map((f) => [f.name, f.value]))
    /* Only what was written on top of the very text the server shows now; newer text is never covered. */
    const same = kept && JSON.stringify(kept.base) === JSON.stringify(server)
    if (same && fields.some((f) => f.name in kept.now && kept.now[f.name] !== f.value)) {
      const put = (values) => fields.forEach((f) => { if (f.name in values) { f.value = values[f.name]; count(f) } })
      put(kept.now)
      note($('main'), words.restored, { text: words.discard, run: () => { put(server); forget() } })
    }
    let timer = 0
    const keep = () => {
      timer = clearTimeout(timer)
      if (leaving) return
      const now = Object.fromEntries(fields.map((f) => [f.name, f.value]))
      try { store.setItem(key, JSON.stringify({ base: server, now, at: Date.now() })) } catch { return }
      const out = $('.saved span')
      if (out) out.textContent = `${words.saved}, ${nowInWib()}`
    }
    form.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(keep, 800) })
    const mark = Object.assign(doc.createElement('input'), { type: 'hidden', name: 'kiriman' })
    form.append(mark)
    form.addEventListener('submit', () => {
      if (timer) keep()
      mark.value = Math.random().toString(36).slice(2) + Date.now().toString(36)
      sessionStorage.setItem('terkirim', JSON.stringify({ key, where, word: mark.value }))
    })
  }
  /* The draft of the form that was sent goes away only when the server says that it arrived. */
  const sent = JSON.parse(sessionStorage.getItem('terkirim') || 'null')
  if (sent) {
    const store = stores[sent.where] ?? localStorage
    sessionStorage.removeItem('terkirim')
    if (doc.cookie.split('; ').includes(`tersimpan=${sent.word}`)) store.removeItem(sent.key)
    const kept = $('[data-kept]')
    if (kept) kept.hidden = !store.getItem(sent.key)
    doc.cookie = 'tersimpan=; max-age=0; path=/; samesite=lax'
  }

  /* ---- photos are made small before they travel ---- */
  const smaller = async (file) => {
    if (!/^image\/(jpeg|png|webp|heic|heif)/.test(file.type) || file.size < 4e5) return file
    let bitmap
    try { bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }) } catch { return file }
    const scale = Math.min(1, 2048 / Math.max(bitmap.width, bitmap.height))
    const canvas = Object.assign(doc.createElement('canvas'), {
      width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale)
    })
    const pen = canvas.getContext('2d')
    pen.fillStyle = '#fff'
    pen.fillRect(0, 0, canvas.width, canvas.height)
    pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
    bitmap.close()
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', .86))
    if (!blob || blob.size >= file.size) return file
    return new File([blob], file.name.replace(/\.\w+$/, '') + '.jpg', { type: 'image/jpeg', lastModified: file.lastModified })
  }
  const shrink = async (input) => {
    const form = input.form, before = [...input.files]
    if (!window.createImageBitmap || !window.DataTransfer || !before.length) return
    form.dataset.busyFiles = +(form.dataset.busyFiles || 0) + 1
    try {
      const bag = new DataTransfer()
      for (const file of before) bag.items.add(await smaller(file))
      input.files = bag.files
      showChosen(input)
      if ([...bag.files].some((f, i) => f !== before[i])) toast(words.shrunk)
    } finally { form.dataset.busyFiles -= 1 }
  }
  const showChosen = (input) => {
    const strip = input.closest('.photos')
    if (!strip) return
    $$('.chosen', strip).forEach((old) => old.remove())
    for (const file of input.files) {
      if (!file.type.startsWith('image/')) continue
      const li = doc.createElement('li'), img = doc.createElement('img')
      li.className = 'photo chosen'
      img.alt = file.name
      img.src = URL.createObjectURL(file)
      img.onload = () => URL.revokeObjectURL(img.src)
      li.append(img)
      input.closest('li').before(li)
    }
  }

  /* ---- one focus point for all crops: press, drag or arrow keys ---- */
  const focusPick = (box) => {
    const x = $(`[name="${box.dataset.focusX}"]`), y = $(`[name="${box.dataset.focusY}"]`), ring = $('.ring', box)
    const put = () => {
      ring.style.left = x.value * 100 + '%'
      ring.style.top = y.value * 100 + '%'
      $$('[data-focus]').forEach((img) => { img.style.objectPosition = `${x.value * 100}% ${y.value * 100}%` })
    }
    const set = (nx, ny) => {
      x.value = Math.min(1, Math.max(0, nx)).toFixed(2)
      y.value = Math.min(1, Math.max(0, ny)).toFixed(2)
      put()
    }
    const at = (e) => { const r = box.getBoundingClientRect(); set((e.clientX - r.left) / r.width, (e.clientY - r.top) / r.height) }
    $$('img', box).forEach((img) => { img.draggable = false })
    box.onpointerdown = (e) => { box.setPointerCapture(e.pointerId); at(e) }
    box.onpointermove = (e) => { if (e.buttons) at(e) }
    box.onkeydown = (e) => {
      const move = { ArrowLeft: [-.02, 0], ArrowRight: [.02, 0], ArrowUp: [0, -.02], ArrowDown: [0, .02] }[e.key]
      if (move) { e.preventDefault(); set(+x.value + move[0], +y.value + move[1]) }
    }
    for (const input of [x, y]) input.addEventListener('input', put)
    if (!x.value) x.value = .5
    if (!y.value) y.value = .5
    put()
  }

  /* ---- connection ---- */
  let away = false
  const net = () => {
    const strip = $('.net'), off = !navigator.onLine
    if (strip) strip.hidden = !off
    if (away && !off) toast(words.backOnline)
    away = off
  }
  addEventListener('online', net)
  addEventListener('offline', net)

  const setUp = (from) => {
    $$('[data-count]', from).forEach((area) => { ownCounter(area); count(area) })
    $$('[data-count-for]', from).forEach((line) => { const f = $(`[name="${line.dataset.countFor}"]`); if (f) count(f) })
    $$('[data-focus]', from).forEach((img) => {
      const [x, y] = img.dataset.focus.split(',')
      if (y) img.style.objectPosition = `${x * 100}% ${y * 100}%`
    })
    $$('[data-focus-x]', from).forEach(focusPick)
    $$('form[data-steps]', from).forEach(wizard)
    $$('form[data-draft-key]', from).forEach(draft)
    $$('.toast', from).forEach((box) => { say(box.textContent.trim()); box.onanimationend = () => box.remove() })
    $$('.chips [aria-current]', from).forEach((el) => { el.parentElement.scrollLeft = el.offsetLeft - el.parentElement.offsetLeft - 32 })
  }
  setUp(doc)
  net()
  $('#ringkasan-galat')?.focus()
})()
