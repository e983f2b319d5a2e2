import "./account_strip";
import "./recent_changes";
import "./transfer_from_list";
import "./ownership_reports";
import "./export_notice";
import "./export_links";
import "./evidence";
import "./ringers";
