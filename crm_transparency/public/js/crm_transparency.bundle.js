import "./account_strip";
