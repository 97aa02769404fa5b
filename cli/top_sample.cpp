// SPDX-License-Identifier: MIT
#include "cli/top_sample.hpp"

#include <algorithm>
#include <map>

#include "cli/pages.hpp"

namespace tc {
namespace {

std::vector<HotName> hot_names(const Client& client, std::uint32_t fields,
                               std::uint32_t count_max) {
    tagcache_hotkeys_options options = TAGCACHE_HOTKEYS_OPTIONS_INIT;
    options.fields = fields;
    options.limit = count_max;
    const Result result;
    client.check(tagcache_hotkeys(client, result, &options, nullptr), "top");
    std::vector<HotName> names;
    while (tagcache_result_next(result)) {
        names.push_back({std::string(result.name()), tagcache_result_rate(result)});
    }
    return names;
}

std::vector<ClientActivity> client_activities(const Client& client) {
    std::vector<ClientActivity> activities;
    const PageRequest request = [](tagcache_client* handle, const Result& result,
                                   tagcache_page_options& page) {
        return tagcache_clients(handle, result, &page, nullptr);
    };
    for_each_page(client, request, "top", [&](const Result& page) {
        while (tagcache_result_next(page)) {
            const Fields fields = read_fields(page);
            activities.push_back({number_of(fields, "id"), std::string(text_of(fields, "address")),
                                  std::string(text_of(fields, "name")),
                                  number_of(fields, "requests")});
        }
        return true;
    });
    return activities;
}

LatencyBuckets latency_of(const TopSample& sample, std::string_view field) {
    return LatencyBuckets::parse(text_of(sample.stats, field)).value_or(LatencyBuckets());
}

}  // namespace

TopSample take_top_sample(const Client& client, std::uint32_t name_count_max) {
    TopSample sample;
    sample.address = client.address();
    sample.info = ask_fields(client, tagcache_info, "top");
    sample.stats = ask_fields(client, tagcache_stats, "top");
    sample.taken_at = std::chrono::steady_clock::now();
    sample.hot_keys = hot_names(client, 0, name_count_max);
    sample.hot_tags = hot_names(client, TAGCACHE_HOTKEYS_TAGS, name_count_max);
    sample.clients = client_activities(client);
    return sample;
}

TopInterval::TopInterval(const TopSample& before, const TopSample& now)
    : before_(before),
      now_(now),
      seconds_(std::chrono::duration<double>(now.taken_at - before.taken_at).count()) {}

std::uint64_t TopInterval::growth(std::string_view counter) const {
    const std::uint64_t before = number_of(before_.stats, counter);
    const std::uint64_t now = number_of(now_.stats, counter);
    return now >= before ? now - before : now;
}

double TopInterval::rate_per_s(std::string_view counter) const {
    return seconds_ > 0 ? static_cast<double>(growth(counter)) / seconds_ : 0;
}

double TopInterval::rate_per_s(const LatencyBuckets& latency) const {
    return seconds_ > 0 ? static_cast<double>(latency.count()) / seconds_ : 0;
}

std::optional<double> TopInterval::hit_ratio() const {
    const std::uint64_t hits = growth("hits");
    const std::uint64_t reads = hits + growth("misses");
    if (reads == 0) {
        return std::nullopt;
    }
    return static_cast<double>(hits) / static_cast<double>(reads);
}

LatencyBuckets TopInterval::latency(const RequestClass& request_class) const {
    return latency_of(now_, request_class.field).since(latency_of(before_, request_class.field));
}

std::vector<ClientRate> TopInterval::busiest_clients(std::size_t count_max) const {
    std::map<std::uint64_t, std::uint64_t> counts_before;
    for (const ClientActivity& client : before_.clients) {
        counts_before[client.id] = client.request_count;
    }
    std::vector<ClientRate> rates;
    for (const ClientActivity& client : now_.clients) {
        // One that is new, or has the number of an old one at a new server, began at 0.
        const auto found = counts_before.find(client.id);
        const bool was_there =
            found != counts_before.end() && found->second <= client.request_count;
        const std::uint64_t count = client.request_count - (was_there ? found->second : 0);
        if (count != 0 && seconds_ > 0) {
            rates.push_back({client, static_cast<double>(count) / seconds_});
        }
    }
    std::ranges::stable_sort(rates, std::ranges::greater(), &ClientRate::rate_per_s);
    rates.resize(std::min(rates.size(), count_max));
    return rates;
}

}  // namespace tc
