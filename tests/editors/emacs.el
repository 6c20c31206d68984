;;; Run by tests/editors.rs in an Emacs without a window, after the configuration of docs/editors.md, in a copy of a project:
;;; waits for what eglot shows, applies the first change that is offered, and writes all as JSON.
;;;
;;;   emacs --batch -f package-initialize -l CONFIGURATION -l emacs.el        with UNLITH_REPORT=where to write and UNLITH_CHANGED=the file to change

(require 'eglot)
(require 'flymake)
(require 'json)

(defvar report nil "What is written at the end.")
(defvar root default-directory)

(defun note (key value)
  (push (cons key value) report))

(defun wait-for (what found)
  "Waits until FOUND returns something, and returns it."
  (let ((end (+ (float-time) 90)) answer)
    (while (not (setq answer (funcall found)))
      (when (> (float-time) end) (error "%s: none within 90 s" what))
      (accept-process-output nil 0.1))
    answer))

(defun status ()
  (jsonrpc-request (eglot-current-server) :workspace/executeCommand
                   '(:command "unlith.status" :arguments [(:show :json-false)])))

(defun settle ()
  (wait-for "rest" (lambda () (eq (plist-get (status) :settled) t))))

(defun open (file)
  "Opens FILE as a user does."
  (find-file (expand-file-name file root))
  (unless (derived-mode-p 'tuareg-mode) (error "%s is in %s" file major-mode))
  (eglot-ensure)
  (run-hooks 'post-command-hook)
  (wait-for "a server" #'eglot-current-server)
  (settle))

(defun show ()
  (note 'version emacs-version)
  (open "tools/convert.ml")
  (note 'findings
        (vconcat (wait-for "findings"
                           (lambda () (flymake-start) (mapcar #'flymake-diagnostic-text (flymake-diagnostics))))))
  (goto-char (point-min))
  (re-search-forward "Numerix\\.mean")
  (note 'hover (plist-get (plist-get (jsonrpc-request (eglot-current-server) :textDocument/hover
                                                      (eglot--TextDocumentPositionParams))
                                     :contents)
                          :value))
  (open (getenv "UNLITH_CHANGED"))
  (let ((action (or (car (eglot-code-actions (point-min) (point-max))) (error "no change is offered"))))
    (cl-letf (((symbol-function 'y-or-n-p) #'always))
      (eglot--apply-workspace-edit (plist-get action :edit)))
    (save-some-buffers t)
    (note 'applied (plist-get action :title))))

(condition-case failure
    (show)
  (error (note 'failure (error-message-string failure))))
(with-temp-file (getenv "UNLITH_REPORT")
  (insert (json-encode report)))
(when (eglot-current-server) (eglot-shutdown-all))
