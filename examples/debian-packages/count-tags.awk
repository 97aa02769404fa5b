# SPDX-License-Identifier: MIT
# Usage: LC_ALL=C awk [-v slice=N] [-v without=TAG] -f count-tags.awk INDEX
# Counts, straight from a Debian package index and in another way than records-to-json.awk, how many
# packages carry each tag: lines of count and tag. Packages that carry the tag `without` do not
# count. Of a package that the index has twice the last record counts, as the last PUT does.

BEGIN { RS = ""; FS = "\n" }

slice == 0 || NR <= slice {
    package = ""
    tags = "\n"
    longest = 0
    for (i = 1; i <= NF; ++i) {
        line = $i
        while (i < NF && $(i + 1) ~ /^[ \t]/)
            line = line $(++i)
        colon = index(line, ":")
        name = substr(line, 1, colon - 1)
        value = substr(line, colon + 1)
        if (name == "Package") {
            gsub(/[ \t]/, "", value)
            package = value
        } else if (name == "Depends" || name == "Pre-Depends") {
            gsub(/\([^)]*\)|\[[^]]*\]|<[^>]*>|[ \t]/, "", value)
            gsub(/:[a-z0-9-]+/, "", value)
            alternatives = split(value, names, /[,|]/)
            for (j = 1; j <= alternatives; ++j)
                add("depends:", names[j])
        } else if (name == "Section" || name == "Maintainer" || name == "Priority") {
            sub(/^[ \t]+/, "", value)
            sub(/[ \t]+$/, "", value)
            add(tolower(name) ":", value)
        }
    }
    if (length(package) <= 1024 && length($0) <= 1048576 && longest <= 255 &&
            split(tags, unused, "\n") - 2 <= 512)
        tags_of[package] = tags
}

END {
    for (package in tags_of) {
        if (without != "" && index(tags_of[package], "\n" without "\n"))
            continue
        count = split(tags_of[package], list, "\n")
        for (i = 2; i < count; ++i)
            ++packages[list[i]]
    }
    for (item in packages)
        print packages[item] "\t" item
}

function add(kind, word) {
    if (word == "" || index(tags, "\n" kind word "\n"))
        return
    tags = tags kind word "\n"
    if (length(kind word) > longest)
        longest = length(kind word)
}
