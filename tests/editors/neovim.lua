-- Run by tests/editors.rs in a Neovim without a window, after the configuration of docs/editors.md, in a copy of a project:
-- waits for what the server shows, applies the first change that is offered in another file, and writes all as JSON.
--
--   nvim --headless -u CONFIGURATION -c 'luafile neovim.lua' FILE        with UNLITH_REPORT=where to write and UNLITH_CHANGED=the other file

local report = { version = tostring(vim.version().major) .. '.' .. tostring(vim.version().minor) }

local function finish()
  local file = assert(io.open(vim.env.UNLITH_REPORT, 'w'))
  file:write(vim.json and vim.json.encode(report) or vim.fn.json_encode(report))
  file:close()
  vim.cmd('qall!')
end

local function try(body)
  local is_done, failure = xpcall(body, debug.traceback)
  if not is_done then report.failure = tostring(failure) end
  finish()
end

local function wait(what, found)
  local answer
  local is_found = vim.wait(90000, function()
    answer = found()
    return answer ~= nil
  end, 100)
  assert(is_found, what .. ': none within 90 s')
  return answer
end

-- What stands behind the lines of a buffer, drawn by whoever.
local function virtual(buffer, name)
  for space, id in pairs(vim.api.nvim_get_namespaces()) do
    if space:find(name) then
      local marks = vim.api.nvim_buf_get_extmarks(buffer, id, 0, -1, { details = true })
      if #marks > 0 then
        local found = {}
        for _, mark in ipairs(marks) do
          local words = {}
          for _, chunk in ipairs(mark[4].virt_text or (mark[4].virt_lines or {})[1] or {}) do
            table.insert(words, chunk[1])
          end
          table.insert(found, { line = mark[2], text = table.concat(words) })
        end
        return found
      end
    end
  end
end

local function request(method, params)
  local answers, failure = vim.lsp.buf_request_sync(0, method, params, 60000)
  assert(answers, failure)
  for _, answer in pairs(answers) do
    assert(not (answer.error or answer.err), vim.inspect(answer.error or answer.err))
    if answer.result ~= nil and answer.result ~= vim.NIL then return answer.result end
  end
end

local function offered(buffer)
  local actions = request('textDocument/codeAction', {
    textDocument = vim.lsp.util.make_text_document_params(buffer),
    range = {
      start = { line = 0, character = 0 },
      ['end'] = { line = vim.api.nvim_buf_line_count(buffer), character = 0 },
    },
    context = { diagnostics = {} },
  })
  return (actions or {})[1]
end

vim.defer_fn(function()
  try(function()
    local buffer = vim.api.nvim_get_current_buf()
    report.hints = wait('hints', function()
      vim.api.nvim_exec_autocmds('BufEnter', { buffer = buffer })
      return virtual(buffer, vim.env.UNLITH_HINTS or '^unlith$')
    end)
    report.lenses = wait('lenses', function()
      vim.lsp.codelens.refresh()
      vim.wait(200)
      local lenses = vim.lsp.codelens.get(buffer)
      return #lenses > 0 and vim.tbl_map(function(lens) return lens.command and lens.command.title or '' end, lenses) or nil
    end)
    wait('findings', function()
      return #vim.diagnostic.get() > 0 or nil
    end)
    report.findings = vim.tbl_map(function(found)
      return { file = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(found.bufnr), ':.'), line = found.lnum, message = found.message }
    end, vim.diagnostic.get())
    -- A change of a library, asked for where it is written.
    vim.cmd('edit ' .. vim.env.UNLITH_CHANGED)
    local changed = vim.api.nvim_get_current_buf()
    wait('a server for it', function()
      return next(vim.lsp.buf_get_clients(changed)) ~= nil or nil
    end)
    local client = vim.lsp.get_client_by_id(next(vim.lsp.buf_get_clients(changed)))
    local action = assert(offered(changed), 'no change is offered')
    if action.edit == nil then action = request('codeAction/resolve', action) end
    vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding or 'utf-16')
    vim.cmd('silent wall')
    report.applied = action.title
  end)
end, 0)
