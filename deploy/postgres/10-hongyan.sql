-- Runs once, when the data folder is made: a role of the gateways' own, which owns its database and nothing else. The
-- superuser stays for the administrator. Read by psql, which takes the password from the secret's file.
\set password `cat /run/secrets/database_password`
CREATE ROLE hongyan LOGIN PASSWORD :'password';
CREATE DATABASE hongyan OWNER hongyan ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE hongyan FROM PUBLIC;
