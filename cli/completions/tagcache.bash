# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Completion of tagcache(1) for bash: commands, their options, and files where files go. It is
# sourced by the user's shell, so it sets nothing but its functions.

# The words that may follow a command which has commands of its own.
_tagcache_commands() {
    case $1 in
        '') echo put add replace append prepend increment decrement get getdel exists delete \
            delete-prefix touch tags tag invalidate flush scan ping stats status health info \
            clients hotkeys slowlog top config shutdown restart user token change-password \
            reset-credentials shell version server load dump bench ;;
        get) echo key tag ;;
        tag) echo add remove count list ;;
        flush) echo key tag all ;;
        clients) echo kill ;;
        slowlog) echo get len reset ;;
        config) echo show get set reset reload path ;;
        user) echo add set passwd remove list ;;
        token) echo new list revoke ;;
    esac
}

# The options of a command, "get tag" being one too; "" has those of all commands.
_tagcache_options() {
    local entry='--file --tag --ttl --ttl-ms --flags'
    local replacement='--if-version --keep-ttl --keep-tags'
    local user='--rights --key-prefix --all-keys --no-keys --tag-prefix --all-tags --no-tags
        --tls-name --no-tls-names'
    case $1 in
        '') echo --help --version --host --port --unix --uri --timeout-ms --tls \
            --tls-ca-file --tls-cert-file --tls-key-file --tls-server-name --tls-insecure --user \
            --password-file --token-file --auth-allow-plaintext --json \
            --raw --quiet --no-color --base64 ;;
        put) echo "$entry $replacement --pairs" ;;
        add) echo "$entry" ;;
        replace) echo "$entry $replacement" ;;
        append | prepend) echo --file --ttl --ttl-ms --if-version ;;
        increment | decrement) echo --by --tag --ttl --ttl-ms ;;
        get) echo --details --no-value --touch ;;
        'get key') echo --details --no-value --touch --null ;;
        'get tag') echo --match --all-tags --limit --null ;;
        getdel) echo --details ;;
        exists | 'tag list') echo --null ;;
        delete) echo --if-version ;;
        touch) echo --ttl --ttl-ms --if-version ;;
        invalidate | 'flush tag') echo --match --all-tags --dry-run ;;
        'flush all') echo --yes ;;
        scan) echo --glob --limit --null ;;
        hotkeys) echo --tags --limit --null ;;
        'config set' | 'config reset') echo --config --live ;;
        'user add') echo "$user" --new-password-file --no-password ;;
        'user set') echo "$user" ;;
        'user passwd') echo --new-password-file --no-password ;;
        'token new') echo --ttl ;;
        change-password) echo --new-password-file ;;
        reset-credentials) echo --auth-users-file --config ;;
        top) echo --interval --count --once --limit ;;
        dump) echo --prefix --tag ;;
        bench) echo --connections --threads --pipeline --requests --duration --warmup --preload \
            --rate --arrivals --ratio --key-count --key-size --key-prefix --value-size \
            --distribution --tags --tag-count --tag-distribution --ttl --seed --csv --hdr ;;
    esac
}

_tagcache_takes_value() {
    case $1 in
        --host | --port | -p | --unix | --uri | --timeout-ms | --file | --tag | -t | --ttl | \
            --ttl-ms | --flags | --if-version | --by | --touch | --match | --limit | --glob | \
            --prefix | --connections | -c | --threads | --pipeline | -P | --requests | -n | \
            --duration | --warmup | --rate | --arrivals | --ratio | --key-count | --key-size | \
            --key-prefix | --value-size | --distribution | --tag-count | --tag-distribution | \
            --seed | --hdr | --interval | --count | --config | --tls-ca-file | --tls-cert-file | \
            --tls-key-file | --tls-server-name | --user | --password-file | --token-file | \
            --rights | --tag-prefix | --tls-name | --new-password-file | \
            --auth-users-file) return 0 ;;
    esac
    return 1
}

# The command that the words before the cursor make up, into `command`; how many arguments follow
# it, into `argument_count`.
_tagcache_find_command() {
    local index word
    command='' argument_count=0
    for ((index = 1; index < COMP_CWORD; ++index)); do
        word=${COMP_WORDS[index]}
        if _tagcache_takes_value "$word"; then
            # "--match=all" comes as three words.
            [[ ${COMP_WORDS[index + 1]-} == '=' ]] && ((++index))
            ((++index))
        elif [[ $word == -?* ]]; then
            continue
        elif [[ $argument_count == 0 && " $(_tagcache_commands "$command") " == *" $word "* ]]; then
            command=${command:+$command }$word
        else
            ((++argument_count))
        fi
    done
}

_tagcache() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command argument_count
    _tagcache_find_command
    if [[ $current == '=' ]]; then
        current=''
    elif [[ $previous == '=' ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    COMPREPLY=()
    local words=''
    case $previous in
        --file | --unix | --hdr | --config | --tls-ca-file | --tls-cert-file | --tls-key-file | \
            --password-file | --token-file | --new-password-file | --auth-users-file)
            mapfile -t COMPREPLY < <(compgen -f -- "$current") && return ;;
        --match) words='any all' ;;
        --arrivals) words='constant poisson' ;;
        --rights) words='read write invalidate admin all none' ;;
        --distribution) words='uniform zipf sequential hot' ;;
        --tag-distribution) words='uniform zipf hot' ;;
        --host) mapfile -t COMPREPLY < <(compgen -A hostname -- "$current") && return ;;
        *)
            _tagcache_takes_value "$previous" && return
            if [[ $current == -* ]]; then
                words="$(_tagcache_options "$command") $(_tagcache_options '')"
            elif [[ $command == load || $command == dump ]]; then
                [[ $argument_count == 0 ]] && mapfile -t COMPREPLY < <(compgen -f -- "$current")
                return
            elif [[ $argument_count == 0 ]]; then
                words=$(_tagcache_commands "$command")
            fi
            ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _tagcache tagcache
