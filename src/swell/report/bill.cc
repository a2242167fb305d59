#include "swell/report/bill.h"

#include "swell/report/page.h"

namespace swell {

std::string bill_tables(const Bill& bill) {
  std::string html = "<h2>The bill</h2>\n";
  for (const BillPart& part : bill_parts(bill)) {
    std::vector<Row> rows;
    for (const BillLine& line : part.lines)
      rows.push_back({escaped(line.what), escaped(line.value), escaped(line.remark)});
    html += table(escaped(part.title), rows);
  }
  return html;
}

}  // namespace swell
