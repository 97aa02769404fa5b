# SPDX-License-Identifier: MIT
# Usage: LC_ALL=C awk [-v slice=N] -f records-to-json.awk INDEX
# Makes of each record of a Debian package index a line for `tagcache load`: the key is the name of
# the package, the value the record, and the tags are section:, maintainer:, priority: and a depends:
# for each name in Depends and Pre-Depends (a package needs both to work). Versions and
# architectures are not part of a name; every alternative counts; a name that comes twice counts
# once.
#
# A record that does not fit an entry (a key over 1024 bytes, a value over 1 MiB, a tag over 255
# bytes, more than 512 tags) is left out and named on stderr; nothing is ever cut.

/^$/ { end_record(); next }
/^[^ \t]/ { field = substr($0, 1, index($0, ":") - 1); fields[field] = "" }
{
    record = record == "" ? $0 : record "\n" $0
    text = /^[^ \t]/ ? substr($0, length(field) + 2) : $0
    fields[field] = fields[field] text
}
END { end_record() }

function end_record() {
    if (record != "" && (slice == 0 || record_count < slice)) {
        ++record_count
        write_entry(trimmed(fields["Package"]))
    }
    record = ""
    split("", fields)
}

function write_entry(package,    tags) {
    tag_count = 0
    tag_bytes_max = 0
    split("", is_known)
    tags = tag("section", fields["Section"])
    tags = tags tag("maintainer", fields["Maintainer"])
    tags = tags tag("priority", fields["Priority"])
    tags = tags dependencies(fields["Pre-Depends"] "," fields["Depends"])
    if (length(package) > 1024 || length(record) > 1048576 || tag_bytes_max > 255 ||
            tag_count > 512) {
        print "left out, too large for an entry: " package > "/dev/stderr"
        return
    }
    printf "{\"key\":%s,\"value\":%s,\"tags\":[%s]}\n", quoted(package), quoted(record), tags
}

function dependencies(text,    parts, count, i, tags) {
    count = split(text, parts, /[,|]/)
    for (i = 1; i <= count; ++i) {
        sub(/^[ \t]+/, "", parts[i])
        sub(/[ \t(:<[].*/, "", parts[i])
        tags = tags tag("depends", parts[i])
    }
    return tags
}

# The tag as an item of the list, or "" when there is none or it is in the list already.
function tag(kind, name,    text) {
    name = trimmed(name)
    text = kind ":" name
    if (name == "" || text in is_known)
        return ""
    is_known[text] = 1
    if (length(text) > tag_bytes_max)
        tag_bytes_max = length(text)
    return (tag_count++ ? "," : "") quoted(text)
}

function trimmed(text) {
    gsub(/^[ \t]+|[ \t]+$/, "", text)
    return text
}

function quoted(text,    code) {
    gsub(/["\\]/, "\\\\&", text)
    gsub(/\n/, "\\n", text)
    gsub(/\t/, "\\t", text)
    if (text ~ /[\001-\037]/)
        for (code = 1; code < 32; ++code)
            gsub(sprintf("%c", code), sprintf("\\u%04x", code), text)
    return "\"" text "\""
}
