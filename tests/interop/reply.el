;;; Answers an invitation as Gnus does. The mail, who answers how, and where to: see gnus.py.  -*- lexical-binding: t -*-

(require 'gnus-icalendar)
(require 'message)

(defvar invitation (generate-new-buffer "invitation"))

(defun gnus-icalendar-send-buffer-by-mail (buffer-name subject)
  "The same as Gnus's own, but for the article's buffer, and the sending."
  (with-current-buffer invitation
    (message-reply)
  (message-goto-body)
  (mml-insert-multipart "alternative")
  (mml-insert-empty-tag 'part 'type "text/plain")
  (mml-attach-buffer buffer-name "text/calendar; method=REPLY; charset=UTF-8")
  (message-goto-subject)
  (delete-region (line-beginning-position) (line-end-position))
  (insert "Subject: " subject)
  (message-generate-headers '(Date Message-ID From))
  (message-encode-message-body)
  (save-restriction
    (message-narrow-to-headers)
    (mail-encode-encoded-word-buffer))
  (goto-char (point-min))
  (re-search-forward (concat "^" (regexp-quote mail-header-separator) "$"))
  (replace-match "")
  (let ((coding-system-for-write 'raw-text))
    (write-region (point-min) (point-max) (getenv "REPLY")))))

(advice-add 'format-time-string :filter-args
            (lambda (said) (list (car said) (or (cadr said) (string-to-number (getenv "WHEN"))) (caddr said)))
            '((name . "by the clock of the test")))

(setq user-mail-address (getenv "WHO")
      user-full-name (getenv "WHO_BY_NAME")
      message-from-style 'angles
      message-simplify-subject-functions nil ; the subject is written anew
      message-signature nil)
(with-current-buffer invitation
  (set-buffer-multibyte nil)
  (insert-file-contents-literally (getenv "MAIL"))
  (goto-char (point-min))
  (while (search-forward "\r\n" nil t) (replace-match "\n"))
  (let* ((parts (cdr (mm-dissect-buffer t)))
         (calendar (car (last parts)))
         (event (gnus-icalendar-event-from-handle calendar (gnus-icalendar-identities))))
    (gnus-icalendar-reply (list calendar (intern (getenv "ANSWER")) event))))
