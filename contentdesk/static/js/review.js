/* The one-screen review: marks decide which button is the likely one. Without this the server refuses instead. */
(() => {
  'use strict'
  const $$ = (query, from = document) => [...from.querySelectorAll(query)]
  const form = document.querySelector('#f')
  const approve = document.querySelector('[data-approve]'), ask = document.querySelector('[data-ask]')

  /* Channels lie on top of each other once there are tabs to choose by. */
  for (const tab of $$('[role=tab][aria-selected=false]')) {
    document.getElementById(tab.getAttribute('aria-controls')).hidden = true
    tab.tabIndex = -1
  }
  if (!approve) return

  const note = form.elements.note
  const box = (id) => form.querySelector(`[name=notes][value="${id}"]`)
  const why = (ids, words) => words.replace('#', ids.join(', '))

  const look = () => {
    const points = $$('[data-required]', form).map((li) => li.dataset.required)
    const bad = points.filter((id) => form.elements[id].value === 'fail')
    const open = points.filter((id) => form.elements[id].value === '')
    const stopped = bad.length + open.length > 0
    stopped ? approve.setAttribute('aria-disabled', 'true') : approve.removeAttribute('aria-disabled')
    approve.dataset.why = bad.length ? why(bad, approve.dataset.bad) : stopped ? why(open, approve.dataset.open) : ''
    approve.classList.toggle('primary', !bad.length)
    ask.classList.toggle('primary', bad.length > 0)
    const count = $$('[name=notes]:checked', form).length + (note.value.trim() ? 1 : 0)
    ask.querySelector('[data-notes]').textContent = count ? ask.dataset.many.replace('#', count) : ''
  }

  form.addEventListener('change', (e) => {
    const { name, value, type } = e.target
    if (type === 'radio' && box(name)) {
      box(name).checked = value === 'fail'
      if (value === 'fail') box(name).closest('details')?.setAttribute('open', '')
    }
    look()
  })
  note.addEventListener('input', look)
  look()
})()
