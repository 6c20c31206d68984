module Ledger = Ledger
module Till = Till
module Report = Report
