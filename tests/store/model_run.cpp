// SPDX-License-Identifier: MIT
//
// The run, and its steps on one key.
#include "model_run.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>

namespace tc::test {
namespace {

// Reached by the random tags and values, so that the refusals are seen too.
constexpr std::uint32_t tags_max = 5;
constexpr std::uint32_t value_bytes_max = 45'000;
constexpr std::size_t large_value_bytes = 20'000;

}  // namespace

std::uint64_t ModelRun::seed_of_run(const char* test_name) {
    const char* const given = std::getenv("TC_TEST_SEED");
    const std::uint64_t seed =
        given != nullptr ? std::strtoull(given, nullptr, 0) : std::random_device{}();
    std::printf("%s: TC_TEST_SEED=%llu\n", test_name, static_cast<unsigned long long>(seed));
    return seed;
}

ModelRun::ModelRun(std::uint64_t seed, const Shape& shape)
    : random_(seed),
      shape_(shape),
      driven_({.memory_bytes_max = shape.memory_bytes_max,
               .eviction_policy = shape.eviction_policy,
               .stripe_count = shape.stripe_count,
               .ttl_default_ms = seed % 2 == 0 ? 0 : 4ULL,
               .ttl_max_ms = shape.ttl_limit_ms,
               .ttl_jitter_percent = shape.ttl_jitter_percent,
               .value_bytes_max = value_bytes_max,
               .tags_max = tags_max,
               .hash_seed = seed | 1}) {
    const Turn turn(driven_.session, driven_.now_ms);
    model_.now_ms = driven_.now_ms;
    sequence_ = driven_.store.sequence();
}

void ModelRun::step(bool may_run_out_of_memory) {
    static constexpr std::array steps{
        WeightedStep{&ModelRun::write, 30},         WeightedStep{&ModelRun::read, 15},
        WeightedStep{&ModelRun::read_and_touch, 4}, WeightedStep{&ModelRun::read_and_remove, 4},
        WeightedStep{&ModelRun::append, 6},         WeightedStep{&ModelRun::increment, 8},
        WeightedStep{&ModelRun::touch, 5},          WeightedStep{&ModelRun::remove, 6},
        WeightedStep{&ModelRun::add_tags, 8},       WeightedStep{&ModelRun::remove_tags, 6},
        WeightedStep{&ModelRun::invalidate, 4},     WeightedStep{&ModelRun::count, 5},
        WeightedStep{&ModelRun::scan, 2},           WeightedStep{&ModelRun::scan_by_tag, 3},
        WeightedStep{&ModelRun::list_tags, 2},      WeightedStep{&ModelRun::remove_prefix, 1},
        WeightedStep{&ModelRun::upkeep, 2},         WeightedStep{&ModelRun::flush, 1},
        WeightedStep{&ModelRun::advance_clock, 12},
    };
    static constexpr std::uint64_t weight_sum = [] {
        std::uint64_t sum = 0;
        for (const WeightedStep& each : steps) {
            sum += each.weight;
        }
        return sum;
    }();
    may_run_out_of_memory_ = may_run_out_of_memory;
    std::uint64_t drawn = below(weight_sum);
    for (const WeightedStep& each : steps) {
        if (drawn < each.weight) {
            is_other_ = shape_.clock_skew_ms_max != 0 && one_in(2);
            const Turn turn(session(), clock());
            look();
            (this->*each.step)();
            check_bounds();
            return;
        }
        drawn -= each.weight;
    }
}

void ModelRun::compare_all() {
    const Turn turn(session(), clock());
    for (std::uint64_t number = 0; number < shape_.key_count; ++number) {
        const std::string key = "k" + std::to_string(number);
        compare(driven_.store.peek(session(), key), model_.live(key));
    }
    const auto all = model_.count([](auto&, auto&) { return true; });
    CHECK(all.contains(driven_.store.stats().entry_count));
}

void ModelRun::write() {
    const std::string key = random_key();
    const std::string value = random_value();
    const Strings tags = random_tags(tags_max);
    const Names tag_views = views_of(tags);
    ModelEntry* old = model_.live(key);
    const WriteRequest request{.mode = static_cast<WriteMode>(below(3)),
                               .key = key,
                               .value = value,
                               .tags = tag_views,
                               .ttl_ms = random_ttl(),
                               .if_version = random_if_version(old),
                               .client_flags = static_cast<std::uint32_t>(below(3)),
                               .keeps_ttl = one_in(4),
                               .keeps_tags = one_in(4)};
    const WriteResult result = driven_.store.write(session(), request);
    settle_evictions(key, key.size() + value.size(), value.size());
    old = model_.live(key);
    Outcome expected = Outcome::ok;
    if (old == nullptr) {
        const bool needs_one = request.mode == WriteMode::replace || request.if_version;
        expected = needs_one ? Outcome::not_found : Outcome::ok;
    } else if (request.mode == WriteMode::add) {
        expected = Outcome::exists;
    } else if (request.if_version.value_or(old->version) != old->version) {
        expected = Outcome::version_mismatch;
    }
    if (!agrees(result.outcome, expected)) {
        CHECK(result.version == 0);
        if (result.outcome == Outcome::out_of_memory && request.mode == WriteMode::put) {
            model_.entries.erase(key);
        }
        return;
    }
    const std::uint64_t ttl = request.ttl_ms.value_or(ttl_default());
    store_in_model(key, {.value = value,
                         .tags = old != nullptr && request.keeps_tags ? old->tags : distinct(tags),
                         .deadline_ms = old != nullptr && request.keeps_ttl ? old->deadline_ms
                                                                            : deadline_of(key, ttl),
                         .version = result.version,
                         .client_flags = request.client_flags});
}

void ModelRun::read() {
    const std::string key = random_key();
    compare(driven_.store.get(session(), key), model_.live(key));
}

void ModelRun::read_and_touch() {
    const std::string key = random_key();
    const std::uint64_t ttl = random_ttl().value_or(3);
    const EntryView view = driven_.store.get_and_touch(session(), key, ttl);
    ModelEntry* const entry = model_.live(key);
    // Without memory to look after a new deadline the entry keeps the one it has.
    const bool is_touched =
        !may_run_out_of_memory_ ||
        (view && view.ttl_ms() == (ttl == 0 ? 0 : model_.deadline_after(ttl) - model_.now_ms));
    if (entry != nullptr && is_touched) {
        entry->deadline_ms = deadline_of(key, ttl);
    }
    compare(view, entry);
}

void ModelRun::read_and_remove() {
    const std::string key = random_key();
    compare(driven_.store.get_and_remove(session(), key), model_.live(key));
    model_.entries.erase(key);
}

void ModelRun::append() {
    const std::string key = random_key();
    const std::string value = random_value();
    ModelEntry* old = model_.live(key);
    const AppendRequest request{.key = key,
                                .value = value,
                                .side = one_in(2) ? AppendSide::back : AppendSide::front,
                                .ttl_ms = one_in(3) ? random_ttl() : std::nullopt,
                                .if_version = random_if_version(old)};
    const std::size_t old_bytes = old == nullptr ? 0 : old->value.size();
    const AppendResult result = driven_.store.append(session(), request);
    settle_evictions(key, value.size(), old_bytes + value.size());
    old = model_.live(key);
    Outcome expected = Outcome::ok;
    if (old == nullptr) {
        expected = Outcome::not_found;
    } else if (request.if_version.value_or(old->version) != old->version) {
        expected = Outcome::version_mismatch;
    } else if (old->value.size() + value.size() > value_bytes_max) {
        expected = Outcome::value_too_large;
    }
    if (!agrees(result.outcome, expected)) {
        return;
    }
    ModelEntry changed = *old;
    changed.value = request.side == AppendSide::back ? old->value + value : value + old->value;
    changed.version = result.version;
    if (request.ttl_ms) {
        changed.deadline_ms = deadline_of(key, *request.ttl_ms);
    }
    CHECK(result.value_bytes == changed.value.size());
    store_in_model(key, changed);
}

void ModelRun::increment() {
    const std::string key = random_key();
    const Strings tags = random_tags(tags_max);
    const Names tag_views = views_of(tags);
    static constexpr std::array<std::int64_t, 6> amounts{0, 1, 7, -3, INT64_MAX, INT64_MIN};
    IncrementRequest request{.key = key,
                             .amount = amounts.at(below(amounts.size())),
                             .subtracts = one_in(2),
                             .ttl_ms = random_ttl(),
                             .tags = std::nullopt};
    if (one_in(2)) {
        request.tags = tag_views;
    }
    const IncrementResult result = driven_.store.increment(session(), request);
    settle_evictions(key, key.size(), 0);
    const ModelEntry* const old = model_.live(key);
    const std::optional<std::int64_t> number = old == nullptr ? 0 : number_in(old->value);
    std::int64_t sum = 0;
    Outcome expected = Outcome::ok;
    if (!number) {
        expected = Outcome::not_a_number;
    } else if (request.subtracts ? __builtin_sub_overflow(*number, request.amount, &sum)
                                 : __builtin_add_overflow(*number, request.amount, &sum)) {
        expected = Outcome::number_overflow;
    }
    if (!agrees(result.outcome, expected)) {
        return;
    }
    CHECK(result.value == sum);
    ModelEntry changed = old == nullptr ? ModelEntry{} : *old;
    changed.value = std::to_string(sum);
    changed.version = result.version;
    if (request.tags) {
        changed.tags = distinct(tags);
    }
    if (old == nullptr || request.ttl_ms) {
        changed.deadline_ms = deadline_of(key, request.ttl_ms.value_or(ttl_default()));
    }
    store_in_model(key, changed);
}

void ModelRun::touch() {
    const std::string key = random_key();
    ModelEntry* const entry = model_.live(key);
    const std::optional<std::uint64_t> if_version = random_if_version(entry);
    const std::uint64_t ttl = random_ttl().value_or(2);
    Outcome expected = entry == nullptr ? Outcome::not_found : Outcome::ok;
    if (entry != nullptr && if_version.value_or(entry->version) != entry->version) {
        expected = Outcome::version_mismatch;
    }
    if (agrees(driven_.store.touch(session(), key, ttl, if_version), expected)) {
        entry->deadline_ms = deadline_of(key, ttl);
    }
}

void ModelRun::remove() {
    const std::string key = random_key();
    const ModelEntry* const entry = model_.live(key);
    const std::optional<std::uint64_t> if_version = random_if_version(entry);
    Outcome expected = entry == nullptr ? Outcome::not_found : Outcome::ok;
    if (entry != nullptr && if_version.value_or(entry->version) != entry->version) {
        expected = Outcome::version_mismatch;
    }
    if (agrees(driven_.store.remove(session(), key, if_version), expected)) {
        model_.entries.erase(key);
    }
}

void ModelRun::add_tags() {
    const std::string key = random_key();
    const Strings tags = random_tags(tags_max + 2);
    const ModelEntry* const old = model_.live(key);
    const std::size_t old_bytes = old == nullptr ? 0 : old->value.size();
    const TagChangeResult result = driven_.store.add_tags(session(), key, views_of(tags));
    settle_evictions(key, tags.size() * sizeof(TagId), old_bytes);
    ModelEntry* const entry = model_.live(key);
    Strings changed = entry == nullptr ? Strings{} : entry->tags;
    const std::size_t count_before = changed.size();
    changed.insert(changed.end(), tags.begin(), tags.end());
    changed = distinct(changed);
    Outcome expected = changed.size() > tags_max ? Outcome::too_many_tags : Outcome::ok;
    expected = entry == nullptr ? Outcome::not_found : expected;
    if (!agrees(result.outcome, expected)) {
        return;
    }
    CHECK(result.changed_count == changed.size() - count_before);
    CHECK((result.version == entry->version) == (result.changed_count == 0));
    if (result.changed_count != 0) {
        note_version(key, result.version);
    }
    entry->tags = changed;
    entry->version = result.version;
}

void ModelRun::remove_tags() {
    const std::string key = random_key();
    const Strings tags = random_tags(tags_max + 2);
    ModelEntry* const entry = model_.live(key);
    const TagChangeResult result = driven_.store.remove_tags(session(), key, views_of(tags));
    if (!agrees(result.outcome, entry == nullptr ? Outcome::not_found : Outcome::ok)) {
        return;
    }
    const auto removed_count = std::erase_if(entry->tags, [&](const std::string& tag) {
        return std::find(tags.begin(), tags.end(), tag) != tags.end();
    });
    CHECK(result.changed_count == removed_count);
    CHECK((result.version == entry->version) == (removed_count == 0));
    if (removed_count != 0) {
        note_version(key, result.version);
    }
    entry->version = result.version;
}

std::uint64_t ModelRun::clock() {
    const std::uint64_t skew_ms =
        shape_.clock_skew_ms_max == 0 ? 0 : below(shape_.clock_skew_ms_max + 1);
    const std::uint64_t now_ms = driven_.now_ms - skew_ms;
    model_.now_ms = std::max(model_.now_ms, now_ms);
    return now_ms;
}

std::uint64_t ModelRun::ttl_default() const {
    const StoreOptions& options = driven_.store.options();
    return options.ttl_default_ms != 0 ? options.ttl_default_ms : options.ttl_max_ms;
}

std::uint64_t ModelRun::deadline_of(const std::string& key, std::uint64_t ttl_ms) {
    const std::uint64_t earliest_ms = model_.deadline_after(ttl_ms);
    if (shape_.ttl_jitter_percent == 0 || ttl_ms == 0) {
        return earliest_ms;
    }
    const EntryView view = driven_.store.peek(session(), key);
    REQUIRE(view);
    const std::uint64_t limit_ms = shape_.ttl_limit_ms == 0 ? UINT64_MAX : shape_.ttl_limit_ms;
    const std::uint64_t part_ms =
        std::min(ttl_ms, ModelEntry::last_deadline_ms) * shape_.ttl_jitter_percent / 100;
    const std::uint64_t longest_ms = ttl_ms > limit_ms - part_ms ? limit_ms : ttl_ms + part_ms;
    const std::uint64_t deadline_ms = model_.now_ms + view.ttl_ms();
    REQUIRE(deadline_ms >= earliest_ms);
    REQUIRE(deadline_ms <= model_.deadline_after(longest_ms));
    return deadline_ms;
}

std::uint64_t ModelRun::below(std::uint64_t end) {
    return random_() % end;
}

std::string ModelRun::random_key() {
    return "k" + std::to_string(below(shape_.key_count));
}

std::string ModelRun::random_value() {
    static const std::array<std::string, 12> values{"",
                                                    "a",
                                                    "0",
                                                    "-0",
                                                    "007",
                                                    "41",
                                                    "-5",
                                                    "9223372036854775807",
                                                    "-9223372036854775808",
                                                    "9223372036854775808",
                                                    "12 ",
                                                    "text"};
    if (one_in(shape_.large_value_one_in)) {
        return std::string(large_value_bytes, static_cast<char>('a' + below(26)));
    }
    return values.at(below(values.size()));
}

Strings ModelRun::random_tags(std::uint64_t count_max) {
    Strings tags(below(count_max + 1));
    for (std::string& tag : tags) {
        tag = "t" + std::to_string(below(shape_.tag_count));
    }
    return tags;
}

std::optional<std::uint64_t> ModelRun::random_ttl() {
    const bool is_any_allowed = shape_.ttl_limit_ms == 0;
    switch (below(6)) {
        case 0: return std::nullopt;
        case 1: return is_any_allowed ? 0 : shape_.ttl_limit_ms;
        case 2: return is_any_allowed ? UINT64_MAX : shape_.ttl_limit_ms;
        default: return 1 + below(shape_.ttl_ms_max);
    }
}

std::optional<std::uint64_t> ModelRun::random_if_version(const ModelEntry* entry) {
    if (!one_in(4)) {
        return std::nullopt;
    }
    return entry == nullptr || one_in(3) ? 12345 : entry->version;
}

TagMatch ModelRun::random_match() {
    return one_in(2) ? TagMatch::any : TagMatch::all;
}

bool ModelRun::agrees(Outcome actual, Outcome expected) {
    if ((may_run_out_of_memory_ || may_be_refused_) && actual == Outcome::out_of_memory &&
        expected == Outcome::ok) {
        ++out_of_memory_count_;
        return false;
    }
    CAPTURE(before_.stats.used_bytes, before_.stats.retired_bytes, is_settled_, asked_bytes_,
            added_bytes_);
    REQUIRE(static_cast<int>(actual) == static_cast<int>(expected));
    return actual == Outcome::ok;
}

void ModelRun::note_version(const std::string& key, std::uint64_t version) {
    std::uint64_t& last = last_versions_[probe_.stripe_number(key)];
    CHECK(last < version);
    last = version;
}

void ModelRun::store_in_model(const std::string& key, const ModelEntry& entry) {
    note_version(key, entry.version);
    const auto [at, is_new] = model_.entries.try_emplace(key, entry);
    if (!is_new) {
        CHECK(at->second.version < entry.version);
        at->second = entry;
    }
}

void ModelRun::compare(const EntryView& view, const ModelEntry* entry) {
    REQUIRE(static_cast<bool>(view) == (entry != nullptr));
    if (entry == nullptr) {
        return;
    }
    CHECK(view.value() == entry->value);
    CHECK(view.version() == entry->version);
    CHECK(view.client_flags() == entry->client_flags);
    CHECK(
        view.ttl_ms() ==
        (entry->deadline_ms == ModelEntry::never_expires ? 0 : entry->deadline_ms - model_.now_ms));
    Strings tags;
    for (std::size_t index = 0; index < view.tag_count(); ++index) {
        tags.emplace_back(view.tag(index));
    }
    CHECK(tags == entry->tags);
}

}  // namespace tc::test
