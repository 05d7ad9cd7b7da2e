/** What differs between installations. No secret belongs here: everybody can read a mini program. */
module.exports = {
  /** Where the service is, without a slash at the end; https, and entered at mp.weixin.qq.com as request and business domain. */
  base: "https://gongyi.example.gov.cn",
  /** On a developer's machine a name signs in instead of WeChat (GONGYI_WECHAT=development); empty everywhere else. */
  developmentName: "",
};
