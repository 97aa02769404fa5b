#!/usr/bin/env zsh
# SPDX-License-Identifier: MIT
# complete.zsh FOLDER LINE: what zsh offers behind LINE, a word a line, with the completions in
# FOLDER. Completion runs only in an interactive shell, so there is one on a pseudo-terminal, in
# which compadd, through which all offers go, prints them instead.
emulate -L zsh
zmodload zsh/zpty
zpty shell zsh -f -i

# Runs a line in that shell and waits until it says that it is done.
run() {
    zpty -w shell "$1; print -r -- 'done''.'"
    zpty -r -m shell output '*done.*'
}

run "PS1= PS2= RPS1=; unsetopt zle_bracketed_paste prompt_cr prompt_sp; stty -echo"
run "fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -D -u"
run "zstyle ':completion:*' verbose no; setopt no_list_beep"
cat > ${TMPPREFIX}$$.compadd <<'END'
compadd() {
    # What only asks what would match, or only says something, is no offer.
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D|x)* ]]; then
        builtin compadd "$@"
        return
    fi
    typeset -a __matches
    builtin compadd -A __matches "$@"
    local word
    for word in $__matches; print -r -- "offer:$word"
}
# A widget that completes once and says when it is done.
show_offers() {
    zle complete-word
    print -r -- 'all offers''.'
}
zle -C complete-word complete-word _main_complete
zle -N show_offers
bindkey '^I' show_offers
END
run "source ${TMPPREFIX}$$.compadd"
zpty -w -n shell "$2"$'\t'
zpty -r -m shell output '*all offers.*'
rm -f ${TMPPREFIX}$$.compadd
for line in ${(f)output}; do
    line=${line%$'\r'}
    [[ $line == *offer:* ]] && print -r -- ${line##*offer:}
done
zpty -d shell
