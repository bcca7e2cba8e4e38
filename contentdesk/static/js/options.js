/* The folded settings of each channel follow what is chosen: accounts, photos or video, the format, toggles.
   Without JavaScript they follow after each save. */
(() => {
  'use strict'
  const doc = document, form = doc.getElementById('f')
  if (!form) return
  const $ = (query, from = doc) => from.querySelector(query)
  const $$ = (query, from = doc) => [...from.querySelectorAll(query)]
  const words = (text) => (text || '').split(' ').filter(Boolean)

  const media = () => ($('#panels [data-video]') ? 'video' : $('#strip [data-chip]') ? 'photos' : 'none')
  const shape = (box) => {
    const set = $('.shapes', box)
    if (!set) return null
    const now = media(), radios = $$('[data-takes]', set)
    const fits = (radio) => words(radio.dataset.takes).includes(now)
    const usual = radios.find((radio) => 'alone' in radio.dataset && fits(radio))
    for (const radio of radios) radio.closest('label').hidden = !radio.checked && (radio === usual || !fits(radio))
    $('[data-usual]', set).textContent = usual ? $('b', usual.closest('label')).textContent : ''
    set.hidden = !radios.some((radio) => !radio.closest('label').hidden)
    return (radios.find((radio) => radio.checked) || usual || radios[0]).value
  }
  const isOn = (id) => {
    const box = doc.getElementById(id), own = box?.closest('[data-under]')
    return !!box?.checked && (!own || isOn(own.dataset.under))
  }
  const follow = () => {
    for (const box of $$('[data-settings]')) {
      const mine = $$(`[name=accounts][data-kind="${box.dataset.settings}"]:checked`)
      const alone = $('[data-automatic]', box), format = shape(box)
      if (alone) alone.hidden = !mine.some((input) => 'alone' in input.dataset)
      for (const field of $$('[data-option]', box)) {
        const formats = words(field.dataset.formats), under = field.dataset.under
        field.hidden = (formats.length && format !== null && !formats.includes(format)) || (under && !isOn(under)) || false
      }
      forbid(box)
      const parts = ['.shapes', '[data-automatic]:not([hidden]) [data-option]'].map((part) => `${part}:not([hidden])`)
      box.hidden = !mine.length || !$(parts.join(), box)
    }
    const card = $('#settings')
    if (card) card.hidden = !$('[data-settings]:not([hidden])', card)
  }
  /* A choice that another one rules out is grey while that one is on. */
  const forbid = (box) => {
    for (const toggle of $$('[data-forbids]', box)) {
      for (const pair of words(toggle.dataset.forbids)) {
        const [id, value] = pair.split('='), option = $(`#${CSS.escape(id)} option[value="${CSS.escape(value)}"]`)
        if (!option) continue
        option.dataset.off ??= option.disabled && !isOn(toggle.id) ? '1' : ''
        option.disabled = !!option.dataset.off || isOn(toggle.id)
      }
    }
  }

  /* Sending waits for a choice that has to be made; the server refuses it in any case. */
  const send = $$('button[form=f][formaction]')
  const hold = (why) => {
    for (const button of send) {
      why ? button.setAttribute('aria-disabled', 'true') : button.removeAttribute('aria-disabled')
      button.dataset.why = button.title = why || ''
      if (!why) delete button.dataset.why
    }
  }
  const heed = () => {
    hold($('#henti')?.dataset.stop)
    for (const box of $$('[data-settings]'))
      $('[data-missing]', box).hidden = !$(`#peninjau .stop a[href^="#opt_${box.dataset.settings}_"]`)
  }
  form.addEventListener('input', () => hold(''))
  form.addEventListener('change', () => { hold(''); follow() })
  for (const name of ['htmx:afterSettle', 'htmx:oobAfterSwap']) doc.addEventListener(name, () => { follow(); heed() })
  follow()
  heed()
})()
