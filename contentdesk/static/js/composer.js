/* The composer with JavaScript: photos travel as soon as they are chosen, previews follow the writing.
   Without it the same form sends everything at once. */
(() => {
  'use strict'
  const doc = document, form = doc.getElementById('f')
  if (!form || !form.dataset.upload) return
  const $ = (query, from = doc) => from.querySelector(query)
  const $$ = (query, from = doc) => [...from.querySelectorAll(query)]
  const words = form.dataset, MOST = 10
  const strip = $('#strip'), panels = $('#panels'), input = $('input[name=photos]')
  const csrf = $('meta[name=csrf-token]').content
  const changed = () => form.dispatchEvent(new Event('change', { bubbles: true }))

  /* ---- photos: order, choice, removal ---- */
  const chips = () => $$('[data-chip]', strip)
  const isFilm = (panel) => 'video' in panel.dataset
  const panelOf = (id) => $(`[data-photo="${id}"]`, panels)
  const renumber = () => {
    chips().forEach((chip, n) => {
      const panel = panelOf(chip.dataset.chip)
      if (!isFilm(panel)) {
        $('.n', chip).textContent = n + 1
        $$('.no', panel).forEach((out) => { out.textContent = n + 1 })
        $(`[name="order_${chip.dataset.chip}"]`, panel).value = n + 1
      }
      panels.append(panel)
    })
    $$('[data-photo-count]').forEach((out) => { out.textContent = chips().length })
    showFirst()
  }
  const choose = (id) => {
    chips().forEach((chip) => chip.classList.toggle('on', chip.dataset.chip === id))
    $$('[data-photo]', panels).forEach((panel) => { panel.hidden = panel.dataset.photo !== id })
  }
  const chosen = () => $('.photo.on', strip)?.dataset.chip
  const showFirst = () => {
    const first = chips()[0], id = first?.dataset.chip
    for (const shot of $$('.preview .shot')) {
      const kind = shot.closest('[role=tabpanel]').id
      let img = $('img[data-first]', shot)
      $('.plate', shot).hidden = !first || isFilm(panelOf(id))
      if (!first) { img?.remove(); continue }
      if (!img) {
        img = Object.assign(doc.createElement('img'), { alt: '' })
        const like = $('.crops img', panelOf(id)), all = $$('.crops img', panelOf(id))
        const at = $$('.preview-panel').findIndex((panel) => panel.id === kind)
        Object.assign(img.dataset, (all[at] || like)?.dataset)
        img.dataset.first = ''
        $('.no-photo', shot)?.remove()
        shot.prepend(img)
      }
      img.dataset.crop = id
      img.src = isFilm(panelOf(id)) ? panelOf(id).dataset.preview : $('.focus-pick img', panelOf(id)).src
    }
    if (id) crop(id)
  }
  const move = (by) => {
    const all = chips(), at = all.findIndex((chip) => chip.dataset.chip === chosen()), other = all[at + by]
    if (at < 0 || !other) return
    by < 0 ? other.before(all[at]) : other.after(all[at])
    renumber()
    changed()
  }
  const drop = () => {
    const id = chosen(), chip = $(`[data-chip="${id}"]`, strip)
    const next = chip?.nextElementSibling?.dataset.chip || chip?.previousElementSibling?.dataset.chip
    chip?.remove()
    panelOf(id)?.remove()
    renumber()
    next ? choose(next) : input.focus()
    changed()
  }
  const add = (told, name) => {
    if ($(`[data-chip="${told.id}"]`, strip)) return choose(told.id), refuse(name, words.wordsThere)
    const make = (name) => {
      const box = doc.createElement('div')
      box.innerHTML = $(name).innerHTML.replaceAll('__ID__', told.id)
      return box.firstElementChild
    }
    const film = told.media === 'video'
    const chip = make('#photo-chip'), panel = make(film ? '#video-panel' : '#photo-panel')
    $('img', chip).src = told.thumb
    $('.add', strip).before(chip)
    panels.append(panel)
    if (film) {
      $('.n', chip).remove()
      $('a', chip).setAttribute('aria-label', $('legend', panel).textContent)
      panel.dataset.preview = told.preview
      window.htmx?.process(panel)
    } else {
      $$('img', panel).forEach((img) => { img.src = told.preview })
      setUpPhoto(panel)
    }
    renumber()
    choose(told.id)
    changed()
  }

  /* ---- one focus point for all crops: press, drag or arrow keys ---- */
  const crop = (id) => {
    const panel = panelOf(id)
    if (!panel || isFilm(panel)) return
    const x = +$(`[name="focus_x_${id}"]`, panel).value, y = +$(`[name="focus_y_${id}"]`, panel).value
    const ring = $('.ring', panel)
    ring.style.left = x * 100 + '%'
    ring.style.top = y * 100 + '%'
    for (const img of $$(`[data-crop="${id}"]`)) {
      if (!img.naturalWidth) { img.onload = () => crop(id); continue }
      const own = img.naturalWidth / img.naturalHeight
      const ratio = Math.min(Math.max(own, +img.dataset.min || own), +img.dataset.max || own)
      img.style.aspectRatio = ratio
      img.style.objectFit = 'cover'
      /* The part is centred on the point as far as the edges allow, as the server cuts it. */
      const at = (share, part) => (part >= 1 ? 50 : Math.min(Math.max((share - part / 2) / (1 - part), 0), 1) * 100)
      img.style.objectPosition = `${at(x, Math.min(1, ratio / own))}% ${at(y, Math.min(1, own / ratio))}%`
    }
  }
  const setUpPhoto = (panel) => {
    const id = panel.dataset.photo, box = $('[data-pick]', panel)
    const x = $(`[name="focus_x_${id}"]`, panel), y = $(`[name="focus_y_${id}"]`, panel)
    const set = (nx, ny) => {
      x.value = Math.min(1, Math.max(0, nx)).toFixed(3)
      y.value = Math.min(1, Math.max(0, ny)).toFixed(3)
      crop(id)
    }
    const at = (e) => { const r = box.getBoundingClientRect(); set((e.clientX - r.left) / r.width, (e.clientY - r.top) / r.height) }
    box.onclick = at
    const ring = $('.ring', box)
    ring.onpointerdown = (e) => { e.preventDefault(); ring.setPointerCapture(e.pointerId) }
    ring.onpointermove = (e) => { if (ring.hasPointerCapture(e.pointerId)) at(e) }
    box.onkeydown = (e) => {
      const step = { ArrowLeft: [-.02, 0], ArrowRight: [.02, 0], ArrowUp: [0, -.02], ArrowDown: [0, .02] }[e.key]
      if (step) { e.preventDefault(); set(+x.value + step[0], +y.value + step[1]) }
    }
    for (const field of [x, y]) field.addEventListener('input', () => crop(id))
    crop(id)
  }

  /* ---- uploads: shrunk here, sent at once, one after the other ---- */
  const news = $('.uploads'), line = $('.uploads div')
  let open = 0, queue = Promise.resolve()
  const tell = (text) => { news.hidden = !text; line.textContent = text || '' }
  /* One line for each file that was not taken; they go when others are chosen. */
  const refuse = (name, text) => {
    const li = $('#refused').content.firstElementChild.cloneNode(true)
    $('span', li).textContent = `${name}: ${text}`
    $('[data-refused]').append(li)
  }
  const send = (file, waiting) => new Promise((done) => {
    const request = new XMLHttpRequest(), body = new FormData()
    const fail = (text) => {
      waiting.remove()
      refuse(file.name, text)
      done()
    }
    body.append('photo', file)
    request.open('POST', filmed(file) ? words.uploadVideo : words.upload)
    request.setRequestHeader('Accept', 'application/json')
    request.setRequestHeader('X-CSRFToken', csrf)
    request.upload.onprogress = (e) => { $('.ok', waiting).textContent = Math.round(e.loaded / e.total * 100) + '%' }
    request.onload = () => {
      let told = {}
      try { told = JSON.parse(request.responseText) } catch { told = {} }
      if (request.status === 401) desk.askToSignIn()
      if (request.status !== 201) return fail(told.error || words.wordsFailed)
      waiting.remove()
      add(told, file.name)
      done()
    }
    request.onerror = () => fail(words.wordsFailed)
    if (filmed(file)) request.setRequestHeader('Content-Type', file.type)
    request.send(filmed(file) ? file : body)
  })
  const filmed = (file) => file.type.startsWith('video/')
  const waitingFor = (file) => {
    const li = doc.createElement('li'), img = doc.createElement('img'), ok = doc.createElement('span')
    li.className = 'photo'
    ok.className = 'ok'
    img.alt = file.name
    if (!filmed(file)) img.src = URL.createObjectURL(file)
    img.onload = () => URL.revokeObjectURL(img.src)
    img.onerror = () => img.removeAttribute('src')
    li.append(img, ok)
    $('.add', strip).before(li)
    return li
  }
  /* Told before anything travels: what is too heavy, or does not go together. */
  const refusal = (files) => {
    const film = files.find(filmed), there = $$('.photo:not(.add)', strip).length
    if (film && film.size > +words.videoBytes) return [film, words.wordsHeavy.replace('#', Math.ceil(film.size / 1e6))]
    return ((film && files.length + there > 1) || $('[data-video]', panels)) && [film || files[0], words.wordsMixed]
  }
  const upload = (files) => {
    $('[data-refused]').replaceChildren()
    const no = refusal(files)
    if (no) return refuse(no[0].name, no[1])
    const room = Math.max(0, MOST - $$('.photo:not(.add)', strip).length)
    for (const file of files.slice(room)) refuse(file.name, words.wordsFull)
    for (const file of files.slice(0, room)) {
      const waiting = waitingFor(file)
      open += 1
      queue = queue.then(async () => {
        tell(filmed(file) ? words.wordsSendingVideo : words.wordsUploading)
        await send(await desk.smaller(file), waiting)
        open -= 1
        if (!open) tell('')
      })
    }
  }
  input.addEventListener('change', (e) => {
    e.stopPropagation()
    upload([...input.files])
    input.value = ''
  })
  form.addEventListener('submit', (e) => {
    if (open) { e.preventDefault(); e.stopImmediatePropagation(); desk.toast(words.wordsWait, false) }
    const step = $('.step.now')?.id || ''
    $('[name=step]').value = step
    /* An answer that shows the form again opens at the step one was at. */
    form.setAttribute('action', form.getAttribute('action').split('#')[0] + (step && '#' + step))
  }, true)

  /* ---- a channel that cannot show the media is left out, until they change or a person moves its switch ---- */
  const accounts = doc.getElementById('accounts')
  const unmoved = (row) => $('[data-follows]', row)
  const leftOut = () => {
    const now = !chips().length ? '' : isFilm(panelOf(chips()[0].dataset.chip)) ? 'video' : 'photos'
    let turned = false
    for (const row of $$('[data-account]', accounts).filter(unmoved)) {
      const box = $('.switch', row), format = $(`[name="opt_${box.dataset.kind}_format"]:checked`)
      const fits = !$(`[data-left-out="${now}"]`, row) || !!format?.dataset.takes?.split(' ').includes(now)
      turned ||= box.checked !== fits
      box.checked = fits
      unmoved(row).name = fits ? 'follows_on' : 'follows_off'
      $('label', row).classList.toggle('left-out', !fits)
      for (const why of $$('[data-left-out]', row)) why.hidden = fits || why.dataset.leftOut !== now
    }
    if (turned) accounts.dispatchEvent(new Event('change'))
  }
  const moved = (row) => {
    unmoved(row)?.remove()
    $('label', row).classList.remove('left-out')
    for (const why of $$('[data-left-out]', row)) why.hidden = true
  }
  form.addEventListener('change', (e) => {
    if (e.target.name === 'accounts') moved(e.target.closest('[data-account]'))
    else leftOut()
  })

  /* ---- insert chips take their words from the chosen businesses ---- */
  const picked = () => $$('[name=businesses]:checked')
  const offer = () => {
    for (const chip of $$('[data-from]')) {
      const text = picked().map((box) => box.dataset[chip.dataset.from]).filter(Boolean).join('\n')
      chip.dataset.insert = text
      chip.hidden = !text
    }
    const tag = $('[data-tag-of]'), of = $('#campaign')
    if (!of) return
    tag.dataset.insert = $('span', tag).textContent = of.selectedOptions[0].dataset.tag || ''
    tag.hidden = !tag.dataset.insert
  }

  /* ---- the preview follows the text ---- */
  const captions = () => {
    for (const out of $$('[data-caption]')) {
      const own = $(`[name="text_${out.dataset.caption}"]`)?.value.trim()
      out.textContent = own || $('[name=text]').value
    }
  }

  doc.addEventListener('click', (e) => {
    const on = e.target.closest('[data-chip] a, [data-move], [data-drop], [data-set]')
    if (!on) return
    e.preventDefault()
    const d = on.dataset
    if ('move' in d) move(+d.move)
    else if ('drop' in d) drop()
    else if ('set' in d) { $(`[name="${d.set}"]`).value = d.value; changed() }
    else choose(on.closest('[data-chip]').dataset.chip)
  })
  form.addEventListener('input', captions)
  form.addEventListener('reach', (e) => {
    const panel = e.target.closest('[data-photo]')
    if (panel) choose(panel.dataset.photo)
  })

  /* ---- a step that is entered shows what the reviewer would see now, not what was so some words ago ---- */
  const list = $('#peninjau')
  form.addEventListener('step', () => { if (window.htmx) list.setAttribute('aria-busy', 'true') })
  for (const name of ['htmx:oobAfterSwap', 'htmx:responseError', 'htmx:sendError', 'htmx:timeout'])
    doc.addEventListener(name, () => list.removeAttribute('aria-busy'))

  /* A video that has just become ready may be handed in: the list beside it says so. */
  panels.addEventListener('htmx:load', (e) => { if (e.target.querySelector?.('video')) changed() })

  form.addEventListener('change', offer)
  $$('[data-photo]', panels).forEach((panel) => { if (!isFilm(panel)) setUpPhoto(panel) })
  $$('.preview-panel.later').forEach((panel) => { panel.hidden = true })
  if (chips().length) choose(chips()[0].dataset.chip)
  offer()
  captions()
})()
