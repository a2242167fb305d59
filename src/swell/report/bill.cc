#include "swell/report/bill.h"

#include <string>

#include "swell/report/page.h"

namespace swell {

namespace {

// As pages write it, where a terminal has letters only.
std::string with_signs(std::string text) {
  const std::string plain = " +- ", sign = " &plusmn; ";
  for (size_t at = text.find(plain); at != std::string::npos; at = text.find(plain, at)) text.replace(at, 4, sign);
  return text;
}

}  // namespace

std::string bill_tables(const Bill& bill) {
  std::string html = "<h2>The bill</h2>\n";
  for (const BillPart& part : bill_parts(bill)) {
    std::vector<Row> rows;
    for (const BillLine& line : part.lines)
      rows.push_back({escaped(line.what), with_signs(escaped(line.value)), escaped(line.remark)});
    html += table(escaped(part.title), rows);
  }
  return html;
}

}  // namespace swell
