/** What a client's model is told of this server when it connects. */
export const INSTRUCTIONS = [
  'Hallpass lends you documents (Grist or SQLite) without their keys. What you may do is what the tools listed here do;',
  'list_documents says which documents are within reach. Tools named connection__tool belong to other servers and APIs that it lends.',
  'For a few records, call the tools. For bulk work (more than some hundred records, imports, exports, loops), do not pass',
  'the data through tool calls: call request_session_token and write a script that uses the HTTP proxy;',
  'get_proxy_documentation holds the methods and an example script. Never print the token or write it to a file.',
].join(' ')
