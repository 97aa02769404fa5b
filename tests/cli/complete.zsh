#!/usr/bin/env zsh
# SPDX-License-Identifier: MIT
# complete.zsh FOLDER LINE...: what zsh offers behind each LINE, with the completions in FOLDER: the
# line behind "= ", then a word a line. Completion runs only in an interactive shell, so there is
# one on a pseudo-terminal, in which compadd, through which all offers go, prints them instead.
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
definitions=${TMPPREFIX}$$.definitions
cat > $definitions <<'END'
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
# Completes once, says when it is done, and is ready for another line.
show_offers() {
    zle complete-word
    print -r -- 'all offers''.'
    BUFFER=
}
zle -C complete-word complete-word _main_complete
zle -N show_offers
bindkey '^I' show_offers
END
run "source $definitions"
rm -f $definitions
for line in "${@[2,-1]}"; do
    print -r -- "= $line"
    zpty -w -n shell "$line"$'\t'
    zpty -r -m shell output '*all offers.*'
    for offer in ${(f)output}; do
        [[ $offer == *offer:* ]] && print -r -- ${${offer##*offer:}%$'\r'}
    done
done
zpty -d shell
